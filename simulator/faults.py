"""Misbehaviour on demand and by chance: what goes wrong at each place, and how often it did."""

import random
import threading
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import get_args

from simulator.known_faults import FAULTS, Place

DEFAULT_SECONDS = 30.0
DEFAULT_COPIES = 3


class UnknownFaultError(Exception):
    """There is no such fault at that place, or rates add up to more than 1."""


@dataclass(kw_only=True, slots=True)
class Fault:
    """One fault; `times` None means until it is cleared, `seconds` is for those that wait."""

    name: str
    times: int | None = None
    seconds: float = DEFAULT_SECONDS
    copies: int = DEFAULT_COPIES


@dataclass(frozen=True, kw_only=True, slots=True)
class Rate:
    """How likely a fault is at one call, from 0 to 1, and between which seconds it waits."""

    probability: float
    least_seconds: float = DEFAULT_SECONDS
    most_seconds: float = DEFAULT_SECONDS


class Faults:
    """The faults in force: at most one ordered at each place, and the rates of the others."""

    def __init__(self, *, chance: random.Random) -> None:
        self._chance = chance
        self._lock = threading.Lock()
        self._in_force: dict[Place, Fault] = {}
        self._rates: dict[Place, dict[str, Rate]] = {}
        self._counts: Counter[str] = Counter()

    def put(self, place: str, fault: Fault) -> None:
        """Put a fault in force, replacing another. Raises UnknownFaultError."""
        known = _place(place)
        _check_name(known, fault.name)
        with self._lock:
            self._in_force[known] = fault

    def clear(self, place: str) -> None:
        """End the ordered fault at a place; repeated, change nothing. Raises UnknownFaultError."""
        with self._lock:
            self._in_force.pop(_place(place), None)

    def clear_all(self) -> None:
        """End every fault, ordered or by chance, and forget what was counted."""
        with self._lock:
            self._in_force.clear()
            self._rates.clear()
            self._counts.clear()

    def set_rates(self, rates: Mapping[str, Rate]) -> None:
        """Replace all rates, given by `place.fault`. Raises UnknownFaultError."""
        by_place: dict[Place, dict[str, Rate]] = {}
        for spot, rate in sorted(rates.items()):
            place, _, name = spot.partition(".")
            _check_name(_place(place), name)
            by_place.setdefault(_place(place), {})[name] = rate
        for place, some in by_place.items():
            if sum(rate.probability for rate in some.values()) > 1:
                message = f"the rates of {place} add up to more than 1"
                raise UnknownFaultError(message)
        with self._lock:
            self._rates = by_place

    def take(self, place: Place, *, among: Collection[str] | None = None) -> Fault | None:
        """Return the fault that applies now, counted, using up one of its times.

        `among` names those that can apply at this moment; another that is ordered stays in
        force. Where none is ordered, one number is drawn against the rates of the place.
        """
        able = FAULTS[place].keys() if among is None else among
        with self._lock:
            fault = self._ordered(place, able) or self._drawn(place, able)
            if fault is not None:
                self._counts[f"{place}.{fault.name}"] += 1
            return fault

    def count(self, what: str) -> None:
        """Count something else that was done to the service, as `attack.replay`."""
        with self._lock:
            self._counts[what] += 1

    def counts(self) -> dict[str, int]:
        """Return how often each `place.fault` has been injected."""
        with self._lock:
            return dict(sorted(self._counts.items()))

    def rates_as_json(self) -> dict[str, object]:
        """Return the rates in force, by `place.fault`."""
        with self._lock:
            return {
                f"{place}.{name}": {
                    "rate": rate.probability,
                    "seconds": [rate.least_seconds, rate.most_seconds],
                }
                for place, some in self._rates.items()
                for name, rate in some.items()
            }

    def as_json(self) -> dict[str, object]:
        """Return the ordered faults in force, by place."""
        with self._lock:
            return {
                place: {
                    "fault": fault.name,
                    "times": fault.times,
                    "seconds": fault.seconds,
                    "copies": fault.copies,
                }
                for place, fault in self._in_force.items()
            }

    def _ordered(self, place: Place, able: Collection[str]) -> Fault | None:
        fault = self._in_force.get(place)
        if fault is None or fault.name not in able:
            return None
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                del self._in_force[place]
        return fault

    def _drawn(self, place: Place, able: Collection[str]) -> Fault | None:
        rates = {name: rate for name, rate in self._rates.get(place, {}).items() if name in able}
        if not rates:
            return None
        drawn = self._chance.random()
        for name, rate in rates.items():
            drawn -= rate.probability
            if drawn < 0:
                seconds = self._chance.uniform(rate.least_seconds, rate.most_seconds)
                return Fault(name=name, seconds=seconds, copies=self._chance.randint(2, 4))
        return None


def _place(written: str) -> Place:
    for place in get_args(Place):
        if place == written:
            return place  # type: ignore[no-any-return]  # get_args forgets the type
    message = f"no place {written!r}; there are: {', '.join(FAULTS)}"
    raise UnknownFaultError(message)


def _check_name(place: Place, name: str) -> None:
    if name not in FAULTS[place]:
        message = f"no fault {name!r} for {place}; there are: {', '.join(sorted(FAULTS[place]))}"
        raise UnknownFaultError(message)
