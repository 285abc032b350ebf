"""Daraja's callbacks: each is posted once, recorded, and can be posted again by a script."""

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from simulator.clock import Clock
from simulator.config import Config
from simulator.outside import Reply, all_at_once, copies, post_body
from simulator.settings import Settings

JSON = "application/json;charset=UTF-8"
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
    headers: Mapping[str, str]
    attack: str | None = None
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
            "attack": self.attack,
            "repeats": self.repeats,
        }


class Callbacks:
    """Posts to the merchant, once unless told otherwise, and remembers what it posted."""

    def __init__(self, *, config: Config, clock: Clock, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._sent: list[Callback] = []

    def post(
        self,
        url: str,
        body: str,
        *,
        way: Way = "once",
        copies: int = DUPLICATES,
        content_type: str = JSON,
    ) -> None:
        """Post a body now and record it; `drop` only records it, for a script to repeat.

        Copies of a `duplicate` leave at the same moment; by a standing clock one after the
        other, so that a run can be repeated.
        """
        callback = self._record(url, body, self._as_daraja() | {"Content-Type": content_type})
        match way:
            case "drop":
                callback.dropped = True
            case "once":
                callback.status = self._post(callback)
            case "duplicate":
                callback.status, *others = self._post_copies(callback, times=copies)
                self._note(callback, others)

    def ask(self, url: str, body: str, *, timeout_seconds: float) -> Reply:
        """Post a body whose answer decides something, record it, and return what was said."""
        callback = self._record(url, body, self._as_daraja())
        reply = self._send(callback, timeout_seconds=timeout_seconds)
        callback.status = reply.status
        return reply

    def forge(self, url: str, body: str, *, attack: str, headers: Mapping[str, str]) -> int | None:
        """Post, as somebody who is not Daraja, a body now; record it and return the status."""
        callback = self._record(url, body, {"Content-Type": JSON, **headers})
        callback.attack = attack
        callback.status = self._post(callback)
        return callback.status

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
        return self._note(callback, all_at_once(lambda: self._post(callback), times=times))

    def everything(self) -> list[Callback]:
        """Return all callbacks, oldest first."""
        with self._lock:
            return list(self._sent)

    def clear(self) -> None:
        """Forget all callbacks."""
        with self._lock:
            self._sent.clear()

    def _record(self, url: str, body: str, headers: Mapping[str, str]) -> Callback:
        with self._lock:
            number = len(self._sent) + 1
            callback = Callback(
                number=number, url=url, body=body, at=self._clock.now(), headers=headers
            )
            self._sent.append(callback)
            return callback

    def _post(self, callback: Callback) -> int | None:
        return self._send(callback, timeout_seconds=self._settings.receiver_timeout_seconds).status

    def _send(self, callback: Callback, *, timeout_seconds: float) -> Reply:
        return post_body(
            callback.url, callback.body, timeout_seconds=timeout_seconds, headers=callback.headers
        )

    def _as_daraja(self) -> dict[str, str]:
        return {"Content-Type": JSON, "Businessshortcode": self._config.mpesa_shortcode}

    def _post_copies(self, callback: Callback, *, times: int) -> list[int | None]:
        return copies(lambda: self._post(callback), times=times, in_turn=self._clock.stands)

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
