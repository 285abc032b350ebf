"""The worker: takes due jobs, does them outside any transaction, writes down how it went."""

import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.database import in_transaction
from core.outbox import records
from core.outbox.records import LEAST_URGENT, URGENT, Job

log = structlog.get_logger()

LEASE: Final = timedelta(seconds=60)
THREADS: Final = 8
QUEUED_PER_THREAD: Final = 2
# Beside them, for what keeps a person waiting while all of these wait for a slow provider.
URGENT_THREADS: Final = 2
POLL_SECONDS: Final = 0.2
MAX_FAILURES: Final = 8
# A job that waited for a thread this long is given back: its lease could end under it.
LATEST_START_SECONDS: Final = LEASE.total_seconds() / 3
LONGEST_BACKOFF_SECONDS: Final = 600


@dataclass(frozen=True)
class Done:
    """The job is finished."""


@dataclass(frozen=True)
class Later:
    """Not yet: try again after the delay. Waiting for an answer is no error and names none."""

    delay: timedelta
    error: str | None = None


@dataclass(frozen=True)
class Untried:
    """There was no room for it: that is none of its tries. Again after the delay."""

    delay: timedelta = timedelta(0)


@dataclass(frozen=True)
class SetAside:
    """It cannot be done; a person must look."""

    error: str


@dataclass(frozen=True)
class _Failed:
    """The handler broke; try again, but not for ever."""

    delay: timedelta
    error: str


Verdict = Done | Later | Untried | SetAside
Handler = Callable[[Job], Verdict]
# Told in the transaction that sets a job aside, with the error.
Listener = Callable[[Connection, Job, str], None]


def _tell_nobody(_connection: Connection, _job: Job, _error: str) -> None:
    pass


@dataclass(frozen=True)
class Worker:
    """Any number of these may run, in any number of processes, over the same outbox.

    A job is done at least once; that its effect comes once is the handler's business: it claims
    its own row by a guarded UPDATE, committed before the network is called.
    """

    database: Engine
    handlers: Mapping[str, Handler]
    threads: int = THREADS
    on_set_aside: Listener = _tell_nobody

    def run_until(self, stop: threading.Event, *, rest: Callable[[float], None]) -> None:
        """Work until `stop` is set. `rest` waits up to so many seconds, less when work arrives.

        A slow provider keeps its own threads busy, and only so many jobs wait behind it; what is
        urgent never does.
        """
        with (
            ThreadPoolExecutor(self.threads, thread_name_prefix="job") as pool,
            ThreadPoolExecutor(URGENT_THREADS, thread_name_prefix="urgent") as express,
        ):
            running = _Lane(pool, self.threads * QUEUED_PER_THREAD)
            hurrying = _Lane(express, URGENT_THREADS)
            while not stop.is_set():
                room = running.room()
                up_to = LEAST_URGENT if room > 0 else URGENT
                jobs = self._claim_patiently(room if room > 0 else hurrying.room(), up_to)
                start_by = time.monotonic() + LATEST_START_SECONDS
                for job in jobs:
                    hurries = job.priority <= URGENT and hurrying.room() > 0
                    lane = hurrying if hurries else running
                    lane.add(partial(self._do, job, start_by=start_by))
                if room <= 0:
                    running.wait_a_moment()
                elif not jobs:
                    rest(POLL_SECONDS)

    def run_due(self) -> int:
        """Do what is due now, one after another; returns how many jobs were taken."""
        jobs = self._claim(limit=self.threads)
        for job in jobs:
            self._do(job, start_by=time.monotonic() + LATEST_START_SECONDS)
        return len(jobs)

    def _claim_patiently(self, limit: int, up_to: int) -> list[Job]:
        try:
            return self._claim(limit=limit, up_to=up_to) if limit > 0 else []
        except Exception:
            # The database may be away for a while; the worker outlasts it.
            log.exception("outbox_unreachable")
            return []

    def _claim(self, *, limit: int, up_to: int = LEAST_URGENT) -> list[Job]:
        kinds = self.handlers.keys()
        return in_transaction(
            self.database,
            lambda c: records.claim(c, kinds=kinds, limit=limit, lease=LEASE, up_to=up_to),
        )

    def _do(self, job: Job, *, start_by: float) -> None:
        late = time.monotonic() > start_by
        try:
            verdict = Untried() if late else self._handle(job)
            in_transaction(self.database, lambda c: self._write_down(c, job, verdict))
        except Exception:
            # The lease runs out by itself, and another worker takes the job.
            log.exception("job_not_recorded", job=job.id, kind=job.kind)

    def _handle(self, job: Job) -> Verdict | _Failed:
        try:
            return self.handlers[job.kind](job)
        except Exception as error:
            log.exception("job_failed", job=job.id, kind=job.kind, attempt=job.attempts)
            if job.failures + 1 >= MAX_FAILURES:
                return SetAside(type(error).__name__)
            return _Failed(_backoff(job.failures + 1), type(error).__name__)

    def _write_down(self, connection: Connection, job: Job, verdict: Verdict | _Failed) -> None:
        if not _close(connection, job, verdict):
            log.warning("lease_lost", job=job.id, kind=job.kind)
        elif isinstance(verdict, SetAside):
            self.on_set_aside(connection, job, verdict.error)


class _Lane:
    """Some threads, and the few jobs that they do or that wait for them."""

    def __init__(self, pool: ThreadPoolExecutor, most: int) -> None:
        self._pool = pool
        self._most = most
        self._under_way: set[Future[None]] = set()

    def room(self) -> int:
        """How many jobs more may be added."""
        self._under_way = {future for future in self._under_way if not future.done()}
        return self._most - len(self._under_way)

    def add(self, work: Callable[[], None]) -> None:
        """Do it as soon as a thread is free."""
        self._under_way.add(self._pool.submit(work))

    def wait_a_moment(self) -> None:
        """Wait until one is done, or until it is time to look for urgent ones."""
        wait(self._under_way, timeout=POLL_SECONDS, return_when=FIRST_COMPLETED)


def _close(connection: Connection, job: Job, verdict: Verdict | _Failed) -> bool:
    match verdict:
        case Done():
            return records.finish(connection, job)
        case Later():
            return records.postpone(connection, job, delay=verdict.delay, error=verdict.error)
        case Untried():
            return records.give_back(connection, job, delay=verdict.delay)
        case _Failed():
            return records.fail(connection, job, delay=verdict.delay, error=verdict.error)
        case SetAside():
            log.error("job_set_aside", job=job.id, kind=job.kind, error=verdict.error)
            return records.set_aside(connection, job, error=verdict.error)


def _backoff(failures: int) -> timedelta:
    seconds = min(LONGEST_BACKOFF_SECONDS, 2**failures)
    return timedelta(seconds=seconds * random.uniform(0.8, 1.2))  # noqa: S311 - jitter
