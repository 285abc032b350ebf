"""Brings the SMS of the service to the phones, with one question for all of them."""

import threading
import time
from collections import defaultdict
from types import TracebackType
from typing import Self

import urllib3

from bench.phones.wire import Wire

_PAUSE_SECONDS = 0.25


class Postman:
    """Collects what is new now and then, until it is left."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._inboxes: dict[str, list[str]] = defaultdict(list)
        self._collected = 0
        self._news = threading.Condition()
        self._one_walks = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._walk, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stopping.set()
        self._thread.join()

    def inbox(self, phone: str) -> list[str]:
        """Return every SMS that a phone has, oldest first."""
        with self._news:
            return list(self._inboxes[phone])

    def wait_for_more(self, phone: str, *, than: int, seconds: float) -> bool:
        """Wait until a phone has more SMS than this; False where time is over before."""
        with self._news:
            return self._news.wait_for(lambda: len(self._inboxes[phone]) > than, timeout=seconds)

    def collect(self) -> None:
        """Fetch everything that is there now."""
        with self._one_walks:
            found = self._wire.ask(f"/messages?after={self._collected}")
            self._collected += len(found)
            if not found:
                return
            with self._news:
                for sms in found:
                    self._inboxes[sms["to"]].append(sms["text"])
                self._news.notify_all()

    def _walk(self) -> None:
        while not self._stopping.is_set():
            try:
                self.collect()
            except urllib3.exceptions.HTTPError:
                # A simulator that is busy is asked again; that SMS are missing is noticed anyway.
                time.sleep(_PAUSE_SECONDS)
            self._stopping.wait(_PAUSE_SECONDS)
