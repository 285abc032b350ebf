"""A worker that can be killed at any statement, and around any call to the payment provider."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import Engine, event

from app import Wiring
from payments.mpesa.access import Access
from payments.mpesa.client import Mpesa
from payments.mpesa.wire import Wire


class Killed(BaseException):
    """The power went: nothing catches it but whoever starts the next worker."""


@dataclass
class Reaper:
    """Counts the points at which the worker may die, and kills it at the one that was drawn."""

    kills: int = 0
    _points_left: int | None = None
    _at_work: int | None = None
    _listened: list[Engine] = field(default_factory=list)

    def watch(self, database: Engine) -> None:
        """Every statement and every COMMIT becomes a point."""
        event.listen(database, "before_cursor_execute", self._on_statement)
        event.listen(database, "commit", self._on_commit)

    def arm(self, points: int) -> None:
        """Kill at the so-manieth point from now on; while one is drawn already, that one counts."""
        if self._points_left is None:
            self._points_left = points

    def spare(self) -> None:
        """Kill nobody any more."""
        self._points_left = None

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Only here, and only on this thread, somebody can die: the web server goes on."""
        self._at_work = threading.get_ident()
        try:
            yield
        finally:
            self._at_work = None

    def point(self) -> None:
        """Die here, if it is time. Raises Killed."""
        if self._points_left is None or self._at_work != threading.get_ident():
            return
        self._points_left -= 1
        if self._points_left <= 0:
            self._points_left = None
            self.kills += 1
            raise Killed

    def _on_statement(self, *_: object) -> None:
        self.point()

    def _on_commit(self, *_: object) -> None:
        self.point()


class MortalWire(Wire):
    """Calls the provider, and may die before the call or after it."""

    reaper: Reaper

    def call(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        """As every wire. Raises Killed as well."""
        self.reaper.point()
        try:
            return super().call(path, body)
        finally:
            self.reaper.point()


@dataclass(frozen=True)
class MortalWiring(Wiring):
    """The service's own wiring, with that wire in it."""

    reaper: Reaper

    @cached_property
    def mpesa(self) -> Mpesa:
        """The payment provider."""
        access = Access(settings=self.settings, redis_client=self.redis)
        wire = MortalWire(settings=self.settings, access=access)
        wire.reaper = self.reaper
        return Mpesa(settings=self.settings, wire=wire)
