"""What is shown while the phones are at it."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, wait
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from bench.phones.tally import Tally

_TICK_SECONDS = 0.25
# Where lines cannot be drawn over, one now and then must do.
_LINE_EVERY_SECONDS = 10.0


class Watching:
    """A bar for the time, beside what has been counted so far."""

    def __init__(self, console: Console, tally: Tally, *, seconds: float) -> None:
        self._console = console
        self._tally = tally
        self._bars = Progress(
            TextColumn("{task.description:<15}"),
            BarColumn(),
            TextColumn("{task.fields[said]}"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._bar = self._bars.add_task("", total=seconds, said="")

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._bars.stop()

    def phase(self, name: str) -> None:
        """Say what begins now."""
        self._bars.update(self._bar, description=name, said=self._said())
        self._say_line(name)

    def until_done(self, work: Sequence[Future[None]]) -> None:
        """Show the counts until all is done; pass on what broke."""
        began = said_at = time.monotonic()
        left: set[Future[None]] = set(work)
        while left:
            _, left = wait(left, timeout=_TICK_SECONDS)
            now = time.monotonic()
            self._bars.update(self._bar, completed=now - began, said=self._said())
            if now - said_at > _LINE_EVERY_SECONDS:
                self._say_line(f"{now - began:.0f} s")
                said_at = now
        for one in work:
            one.result()

    def _said(self) -> str:
        bets, wrong = self._tally.events["bet placed"], sum(self._tally.wrong.values())
        return f"{self._tally.hops} hops, {bets} bets, {wrong} wrong"

    def _say_line(self, when: str) -> None:
        if not self._console.is_terminal:
            self._console.print(f"{when}: {self._said()}", highlight=False)
