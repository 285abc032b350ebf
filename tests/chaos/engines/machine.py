"""PostgreSQL and Redis of a test's own, which it may halt, kill and start again."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Literal

import psutil

from laptop.engines import Engines
from laptop.household import Household
from laptop.postgres import start_postgres
from laptop.redis_engine import start_redis

PATIENCE_SECONDS = 30
Name = Literal["postgres", "redis"]


@dataclass(frozen=True)
class Machine:
    household: Household

    def starts(self) -> Engines:
        # What was acknowledged must outlive a SIGKILL, so nothing here is thrown away.
        postgres = start_postgres(household=self.household, durability="kept")
        return Engines(postgres, start_redis(household=self.household))

    def halts(self, name: Name) -> None:
        """SIGSTOP the engine and all its processes: sockets take what is sent, nobody answers."""
        # The first one before the others, for it would start more.
        self._family(name)[0].suspend()
        for process in self._family(name):
            process.suspend()

    def goes_on(self, name: Name) -> None:
        for process in self._family(name):
            # A backend that was told to go goes as soon as the server does.
            with suppress(psutil.NoSuchProcess):
                process.resume()

    @contextmanager
    def halted(self, name: Name) -> Iterator[None]:
        self.halts(name)
        try:
            yield
        finally:
            self.goes_on(name)

    def kills(self, name: Name) -> None:
        """As a machine that loses its power."""
        self._ends(name, signal.SIGKILL)

    def stops(self, name: Name) -> None:
        """As an operator does; Redis saves what it knows."""
        self._ends(name, signal.SIGTERM if name == "redis" else signal.SIGINT)

    def starts_again(self, name: Name) -> None:
        match name:
            case "postgres":
                start_postgres(household=self.household, durability="kept")
            case "redis":
                start_redis(household=self.household)

    def is_whole_again(self) -> None:
        """Leave both engines running for the next test, whatever this one did."""
        for name in ("postgres", "redis"):
            if self._process(name).poll() is None:
                self.goes_on(name)
            else:
                self.starts_again(name)

    def _ends(self, name: Name, number: signal.Signals) -> None:
        family = self._family(name)
        chosen = family if number == signal.SIGKILL else family[:1]
        for process in chosen:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        self._process(name).wait(PATIENCE_SECONDS)
        _gone, alive = psutil.wait_procs(family, timeout=PATIENCE_SECONDS)
        assert not alive

    def _family(self, name: Name) -> list[psutil.Process]:
        first = psutil.Process(self._process(name).pid)
        return [first, *first.children(recursive=True)]

    def _process(self, name: Name) -> "subprocess.Popen[bytes]":
        return dict(self.household.children())[name]
