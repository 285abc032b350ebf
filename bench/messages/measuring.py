"""Lets the worker send what is queued, and takes the times."""

import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Final

import requests
from rich.console import Console

from bench.messages.processes import (
    WEB,
    WORKER,
    Provider,
    processor_seconds,
    running_worker,
    statements_of,
)
from bench.messages.queueing import CODES, Queue
from bench.steps import step
from bench.surroundings import CannotStart
from core.outbox.deliver import THREADS

_CODE_EVERY_SECONDS: Final = 0.5
_MOST_IDLE_CODES: Final = 20
_LARGEST_SAMPLE: Final = 200
_LOOK_EVERY_SECONDS: Final = 0.25
_WAIT_SECONDS: Final = 0.02
# A worker that sends nothing for so long will not.
_LONGEST_STANDSTILL_SECONDS: Final = 120.0
_LOGGED: Final = {"log_line_prefix": "'[%a] '", "log_statement": "'all'"}
_UNLOGGED: Final = {"log_statement": "'none'"}


@dataclass(slots=True)
class Measured:
    """What one worker took for all of them; what is asked of each process is by message.

    `arrived` is how many messages the provider had taken when the queue was empty.
    """

    seconds: float = 0.0
    arrived: int = 0
    busy_codes: list[float] = field(default_factory=list)
    idle_codes: list[float] = field(default_factory=list)
    statements: Mapping[str, float] = field(default_factory=dict)
    processor_ms: Mapping[str, float] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)


def bare_rate(queue: Queue, provider: Provider, messages: int, console: Console) -> float:
    """Calls a second of as many threads as a worker has, which do nothing but call."""
    settings = queue.ground.settings
    calls = max(messages // 10, THREADS)
    headers = {"apiKey": settings.at_api_key.get_secret_value(), "Accept": "application/json"}

    def call(number: int) -> None:
        form = {
            "username": settings.at_username,
            "to": queue.crowd.phone(number % queue.crowd.size),
            "message": f"A bare call, {number}",
            "bulkSMSMode": "1",
            "from": settings.at_sender_id,
        }
        url = f"{provider.url}/version1/messaging"
        requests.post(url, data=form, headers=headers, timeout=30).raise_for_status()

    with step(console, f"{calls:,} bare calls"), ThreadPoolExecutor(THREADS) as threads:
        began = time.monotonic()
        list(threads.map(call, range(calls)))
        took = time.monotonic() - began
    provider.rests()
    return calls / took


def measure(queue: Queue, provider: Provider, messages: int, console: Console) -> Measured:
    """Start a worker on the full queue and wait for its end. Raises CannotStart."""
    found = Measured()
    codes = messages * CODES // 100
    with running_worker(queue.ground) as is_alive:
        _await_begin(queue, is_alive)
        before = processor_seconds(queue.ground)
        with (
            step(console, "One worker sends them", total=messages) as tell,
            _codes_meanwhile(queue, first=codes) as asked,
        ):
            _await_end(queue, is_alive, lambda left: tell(max(messages - left, 0)))
        provider.rests()
        found.seconds = queue.seconds_of_sending()
        found.arrived = len(provider.messages())
        after = processor_seconds(queue.ground)
        found.processor_ms = {
            name: 1000 * (spent - before.get(name, 0.0)) / messages for name, spent in after.items()
        }
        found.busy_codes = queue.seconds_of_codes()[codes:]
        with step(console, "Codes, while nothing else is sent"):
            numbers = range(codes + len(asked), codes + len(asked) + _idle(messages))
            found.idle_codes = _idle_codes(queue, is_alive, numbers)
        sample = min(messages, _LARGEST_SAMPLE)
        with step(console, f"{sample} messages, every statement logged"):
            queue.ground.configure(**_LOGGED)
            queue.fills(sample, first=messages, progress=lambda _: None)
            found.statements = _statements(queue, provider, is_alive, sample)
            queue.ground.configure(**_UNLOGGED)
    if queue.set_aside():
        found.wrong.append(f"{queue.set_aside()} jobs were set aside")
    return found


def _await_begin(queue: Queue, is_alive: Callable[[], bool]) -> None:
    waiting = queue.waits()
    while queue.waits() == waiting:
        if not is_alive():
            raise CannotStart(queue.ground.household.last_words(name=WORKER))
        time.sleep(_WAIT_SECONDS)


def _await_end(queue: Queue, is_alive: Callable[[], bool], tell: Callable[[int], None]) -> None:
    fewest, since = queue.waits(), time.monotonic()
    while (left := queue.waits()) > 0:
        if left < fewest:
            fewest, since = left, time.monotonic()
        if not is_alive() or time.monotonic() - since > _LONGEST_STANDSTILL_SECONDS:
            raise CannotStart(queue.ground.household.last_words(name=WORKER))
        tell(left)
        time.sleep(_LOOK_EVERY_SECONDS)


@contextmanager
def _codes_meanwhile(queue: Queue, *, first: int) -> Iterator[list[int]]:
    """Let one player after the other ask for a code, until the block ends."""
    asked: list[int] = []
    over = Event()

    def ask() -> None:
        while not over.wait(_CODE_EVERY_SECONDS) and first + len(asked) < queue.crowd.size // 2:
            queue.asks_for_a_code(first + len(asked))
            asked.append(first + len(asked))

    thread = Thread(target=ask)
    thread.start()
    try:
        yield asked
    finally:
        over.set()
        thread.join()


def _idle(messages: int) -> int:
    return min(messages // 20 + 1, _MOST_IDLE_CODES)


def _idle_codes(queue: Queue, is_alive: Callable[[], bool], numbers: range) -> list[float]:
    # What was asked for in the last moment counts for neither.
    _await_end(queue, is_alive, lambda _: None)
    known = len(queue.seconds_of_codes())
    for number in numbers:
        queue.asks_for_a_code(number)
        while queue.waits() and is_alive():
            time.sleep(_WAIT_SECONDS)
    return queue.seconds_of_codes()[known:]


def _statements(
    queue: Queue, provider: Provider, is_alive: Callable[[], bool], sample: int
) -> dict[str, float]:
    """Statements of each process for a message, with BEGIN, COMMIT and the looks at the queue."""
    _await_end(queue, is_alive, lambda _: None)
    sent = statements_of(queue.ground, WORKER)
    provider.rests()
    return {WORKER: sent / sample, WEB: statements_of(queue.ground, WEB) / sample}
