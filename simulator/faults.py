"""Misbehaviour on demand: what each provider may be told to do wrong, and how often."""

import threading
from dataclasses import dataclass
from typing import Literal, TypeAlias

Place: TypeAlias = Literal["ussd", "callback", "push", "query", "sms", "oauth"]

FAULTS: dict[Place, frozenset[str]] = {
    "ussd": frozenset({"repeat", "lose_answer", "drop", "late"}),
    "callback": frozenset({"drop", "delay", "duplicate"}),
    "push": frozenset({"lose_answer", "html", "error_500", "refuse", "busy"}),
    "query": frozenset({"no_answer", "in_flight", "empty_error", "throttle", "lie"}),
    "sms": frozenset({"invalid_sender", "timeout", "error_500", "unauthorised", "no_credit"}),
    "oauth": frozenset({"kill_token"}),
}

DEFAULT_SECONDS = 30.0


class UnknownFaultError(Exception):
    """There is no such fault at that place."""


@dataclass(kw_only=True, slots=True)
class Fault:
    """One fault; `times` None means until it is cleared, `seconds` is for those that wait."""

    name: str
    times: int | None = None
    seconds: float = DEFAULT_SECONDS


class Faults:
    """The faults in force, at most one at each place."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._in_force: dict[Place, Fault] = {}

    def put(self, place: Place, fault: Fault) -> None:
        """Put a fault in force, replacing another. Raises UnknownFaultError."""
        if fault.name not in FAULTS[place]:
            known = ", ".join(sorted(FAULTS[place]))
            message = f"no fault {fault.name!r} for {place}; there are: {known}"
            raise UnknownFaultError(message)
        with self._lock:
            self._in_force[place] = fault

    def clear(self, place: Place) -> None:
        """End the fault at a place; repeated, change nothing."""
        with self._lock:
            self._in_force.pop(place, None)

    def clear_all(self) -> None:
        """End every fault."""
        with self._lock:
            self._in_force.clear()

    def take(self, place: Place) -> Fault | None:
        """Return the fault that applies now, using up one of its times."""
        with self._lock:
            fault = self._in_force.get(place)
            if fault is not None and fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    del self._in_force[place]
            return fault

    def as_json(self) -> dict[str, object]:
        """Return the faults in force, by place."""
        with self._lock:
            return {
                place: {"fault": fault.name, "times": fault.times, "seconds": fault.seconds}
                for place, fault in self._in_force.items()
            }
