"""Daraja's callbacks: each is posted once, recorded, and can be posted again by a script."""

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from simulator.clock import Clock
from simulator.config import Config
from simulator.outside import post_body

RECEIVER_TIMEOUT_SECONDS = 30.0
MOST_REPEATS = 100
DUPLICATES = 3

Way: TypeAlias = Literal["once", "drop", "duplicate"]


@dataclass(eq=False, kw_only=True, slots=True)
class Callback:
    """One callback; `status` stays None while it is under way, or lost."""

    number: int
    url: str
    body: str
    at: datetime
    status: int | None = None
    dropped: bool = False
    repeats: list[int | None] = field(default_factory=list)

    def as_json(self) -> dict[str, object]:
        """Return the callback as scripts read it."""
        return {
            "n": self.number,
            "url": self.url,
            "body": _as_told(self.body),
            "at": self.at.isoformat(timespec="milliseconds"),
            "status": self.status,
            "dropped": self.dropped,
            "repeats": self.repeats,
        }


class Callbacks:
    """Posts to the merchant, once unless told otherwise, and remembers what it posted."""

    def __init__(self, *, config: Config, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: list[Callback] = []

    def post(self, url: str, body: str, *, way: Way = "once", copies: int = DUPLICATES) -> None:
        """Post a body now and record it; `drop` only records it, for a script to repeat.

        Copies of a `duplicate` leave at the same moment; by a standing clock one after the
        other, so that a run can be repeated.
        """
        callback = self._record(url, body)
        match way:
            case "drop":
                callback.dropped = True
            case "once":
                callback.status = self._post(callback)
            case "duplicate":
                callback.status, *others = self._post_copies(callback, times=copies)
                self._note(callback, others)

    def repeat(self, number: int, *, times: int) -> list[int | None] | None:
        """Post a recorded callback again, one after the other; None where there is no such."""
        callback = self._find(number)
        if callback is None:
            return None
        return self._note(callback, [self._post(callback) for _ in range(times)])

    def repeat_at_once(self, number: int, *, times: int) -> list[int | None] | None:
        """Post a recorded callback again, all copies at the same moment."""
        callback = self._find(number)
        if callback is None:
            return None
        return self._note(callback, self._post_at_once(callback, times=times))

    def everything(self) -> list[Callback]:
        """Return all callbacks, oldest first."""
        with self._lock:
            return list(self._sent)

    def clear(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            self._sent.clear()

    def _record(self, url: str, body: str) -> Callback:
        with self._lock:
            number = len(self._sent) + 1
            callback = Callback(number=number, url=url, body=body, at=self._clock.now())
            self._sent.append(callback)
            return callback

    def _post(self, callback: Callback) -> int | None:
        headers = {
            "Content-Type": "application/json;charset=UTF-8",
            "Businessshortcode": self._config.mpesa_shortcode,
        }
        reply = post_body(
            callback.url, callback.body, timeout_seconds=RECEIVER_TIMEOUT_SECONDS, headers=headers
        )
        return reply.status

    def _post_copies(self, callback: Callback, *, times: int) -> list[int | None]:
        if self._clock.stands:
            return [self._post(callback) for _ in range(times)]
        return self._post_at_once(callback, times=times)

    def _post_at_once(self, callback: Callback, *, times: int) -> list[int | None]:
        start_together = threading.Barrier(times)

        def post(_: int) -> int | None:
            start_together.wait()
            return self._post(callback)

        with ThreadPoolExecutor(max_workers=times) as pool:
            return list(pool.map(post, range(times)))

    def _note(self, callback: Callback, statuses: list[int | None]) -> list[int | None]:
        with self._lock:
            callback.repeats += statuses
        return statuses

    def _find(self, number: int) -> Callback | None:
        with self._lock:
            return self._sent[number - 1] if 1 <= number <= len(self._sent) else None


def _as_told(body: str) -> object:
    """Return what a body says, or as a text where it is no JSON."""
    try:
        return json.loads(body)
    except ValueError:
        return body
