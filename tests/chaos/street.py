"""The whole service as real processes, with a network and M-Pesa around it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier
from typing import TypeVar

import requests
from sqlalchemy import text

from core.money import Money
from tests.laptop.supervisor import ROOT
from tests.phone import ROUTE, Phone
from tests.simulator.remote import Remote
from tests.world import World

PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.02
# What comes back each minute is not waited for: a killed worker may hold it for the whole lease.
_DUE = text(
    "SELECT count(*) FROM outbox"
    " WHERE done_at IS NULL AND set_aside_at IS NULL AND due_at <= kibeezy_now()"
    " AND kind NOT IN ('watch_quick', 'watch_slow', 'watch_codes', 'seal_ledger', 'tell_watchers')"
)
Result = TypeVar("Result")


def eventually(holds: Callable[[], object], *, within_seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until something is so; fail, with its words, where it never is."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, f"never happened: {holds}"
        time.sleep(_POLL_SECONDS)


def at_once(*acts: Callable[[], Result]) -> Sequence[Result]:
    """Do all of them at the same moment."""
    barrier = Barrier(len(acts))

    def wait_and_act(act: Callable[[], Result]) -> Result:
        barrier.wait(timeout=PATIENCE_SECONDS)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(wait_and_act, acts))


@dataclass(frozen=True)
class ViaHttp:
    """Carries hops to one web process."""

    url: str

    def hop(self, form: dict[str, str]) -> tuple[int, str]:
        answer = requests.post(self.url + ROUTE, data=form, timeout=PATIENCE_SECONDS)
        return answer.status_code, answer.text


@dataclass
class Member:
    """One of our processes with its children, in a group of their own."""

    words: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] | None = None

    def starts(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "flask", "--app", "app", *self.words],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_killed(self) -> None:
        """SIGKILL the whole group, as a machine that loses its power does."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(PATIENCE_SECONDS)

    @property
    def is_alive(self) -> bool:
        return self.process is not None and self.process.poll() is None


@dataclass
class Street:
    """Two web processes, a worker, and everybody they speak to."""

    world: World
    remote: Remote
    webs: tuple[Member, Member]
    web_urls: tuple[str, str]
    worker: Member
    environment: dict[str, str]
    _more: list[Member] = field(default_factory=list)

    def opens(self) -> None:
        for member in (*self.webs, self.worker):
            member.starts()
        for web, url in zip(self.webs, self.web_urls, strict=True):
            eventually(lambda url=url, web=web: _is_ready(url, web))  # type: ignore[misc]

    def ends(self) -> None:
        for member in (*self.webs, self.worker, *self._more):
            if member.process is not None:
                member.is_killed()

    def phone(self, number: str, *, web: int = 0) -> Phone:
        return Phone(ViaHttp(self.web_urls[web]), number)

    def hop(self, form: dict[str, str], *, web: int) -> tuple[int, str]:
        return ViaHttp(self.web_urls[web]).hop(form)

    def new_worker(self) -> None:
        """Another worker takes over from one that was killed."""
        self._more.append(self.worker)
        self.worker = Member(self.worker.words, self.environment, self.worker.log)
        self.worker.starts()

    def flask(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Type an operator's command in a terminal of its own."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def types(self, *words: str, stdin: str = "") -> str:
        """The same, for a command that must work."""
        done = self.flask(*words, stdin=stdin)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def inbox(self, phone: str) -> list[str]:
        """Every SMS of the service to this number, oldest first."""
        return [sms["text"] for sms in self.remote.get(f"/control/messages?to={phone}")]

    def comes_to_rest(self) -> None:
        """Wait until the worker has done all that is due."""
        with self.world.database.connect() as connection:
            eventually(lambda: connection.execute(_DUE).scalar_one() == 0)

    def await_wallet(self, phone: str, amount: Money) -> None:
        """Wait for money, and find that it is not more than this."""
        eventually(lambda: self.world.wallet(phone) >= amount)
        assert self.world.wallet(phone) == amount


def _is_ready(url: str, web: Member) -> bool:
    assert web.is_alive, web.log.read_text()
    try:
        return requests.get(f"{url}/readyz", timeout=PATIENCE_SECONDS).ok
    except requests.ConnectionError:
        return False
