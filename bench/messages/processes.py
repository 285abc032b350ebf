"""The processes that a message passes: worker, provider, and web for what is reported."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psutil
import urllib3

from bench.books.ground import Ground
from bench.books.hops import running_web
from bench.surroundings import CannotStart

SIMULATOR, WEB, WORKER, POSTGRES = "simulator", "web", "worker", "postgres"
_START_SECONDS = 60.0
_POLL_SECONDS = 0.2
_REPORTS_SECONDS = 120
_OK = 200


@dataclass(frozen=True, slots=True)
class Provider:
    """The simulator, as a script drives it."""

    url: str

    def messages(self) -> list[dict[str, Any]]:
        """Return what it took, in the order in which it came."""
        told: list[dict[str, Any]] = self._get("/messages").json()
        return told

    def rests(self) -> None:
        """Wait until it has reported everything."""
        self._get(f"/idle?timeout={_REPORTS_SECONDS}")

    def _get(self, path: str) -> urllib3.BaseHTTPResponse:
        answer = urllib3.request(
            "GET", f"{self.url}/control{path}", timeout=_REPORTS_SECONDS + 10, retries=False
        )
        assert answer.status == _OK, answer.data
        return answer


@contextmanager
def running_provider(ground: Ground) -> Iterator[Provider]:
    """The simulator, and the web process to which it reports. Raises CannotStart."""
    provider = Provider(f"http://127.0.0.1:{ground.environment['SIMULATOR_PORT']}")
    with _running(ground, SIMULATOR, [sys.executable, "-m", "simulator"]) as is_alive:
        deadline = time.monotonic() + _START_SECONDS
        while not _answers(f"{provider.url}/control/clock"):
            if not is_alive() or time.monotonic() > deadline:
                raise CannotStart(ground.household.last_words(name=SIMULATOR))
            time.sleep(_POLL_SECONDS)
        with running_web(ground, name=WEB, environment=_named(ground, WEB)):
            yield provider


@contextmanager
def running_worker(ground: Ground) -> Iterator[Callable[[], bool]]:
    """One worker; says whether it lives."""
    command = [sys.executable, "-m", "flask", "--app", "app", "worker"]
    with _running(ground, WORKER, command) as is_alive:
        yield is_alive


def processor_seconds(ground: Ground) -> Mapping[str, float]:
    """How long each of them has kept a processor so far, with its children."""
    return {
        name: sum(_seconds(each) for each in _family(child.pid))
        for name, child in ground.household.children()
        if child.poll() is None
    }


def statements_of(ground: Ground, name: str) -> int:
    """How many statements of a process PostgreSQL has logged; BEGIN and COMMIT are some."""
    log = ground.household.log_path(name=POSTGRES).read_text(errors="replace")
    marks = (f"[{name}] LOG:  statement:", f"[{name}] LOG:  execute ")
    return sum(line.startswith(marks) for line in log.splitlines())


@contextmanager
def _running(ground: Ground, name: str, command: list[str]) -> Iterator[Callable[[], bool]]:
    process = ground.household.start(
        name=name, kind="service", command=command, environment=_named(ground, name)
    )
    yield lambda: process.poll() is None
    process.terminate()
    process.wait()


def _named(ground: Ground, name: str) -> dict[str, str]:
    # PostgreSQL's log tells them apart by the name; the pace at which a provider wants its SMS
    # is out of the way, for what is measured is the worker.
    return {**ground.environment, "PGAPPNAME": name, "SMS_PER_SECOND": "1000"}


def _family(pid: int) -> list[psutil.Process]:
    first = psutil.Process(pid)
    return [first, *first.children(recursive=True)]


def _seconds(process: psutil.Process) -> float:
    try:
        spent = process.cpu_times()
    except psutil.NoSuchProcess:
        return 0.0
    return float(spent.user + spent.system)


def _answers(url: str) -> bool:
    try:
        return urllib3.request("GET", url, timeout=5, retries=False).status == _OK
    except urllib3.exceptions.HTTPError:
        return False
