"""What all phones have seen, counted together."""

import threading
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from enum import StrEnum

MOST_EXAMPLES = 12


class Kind(StrEnum):
    """Sorts of requests whose times are told apart."""

    MENU = "menu hop"
    BET = "bet hop"
    OTHER = "hop that checks a PIN or writes"
    HEALTH = "GET /healthz"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong, with the page that showed it."""

    what: str
    phone: str
    page: str


@dataclass(slots=True)
class Tally:
    """Counts events, keeps times, and keeps everything that was wrong."""

    events: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    milliseconds: dict[Kind, list[float]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def saw(self, event: str) -> None:
        """Count an event."""
        with self._lock:
            self.events[event] += 1

    def took(self, kind: Kind, milliseconds: float) -> None:
        """Keep how long an answer took."""
        with self._lock:
            self.milliseconds[kind].append(milliseconds)

    def found(self, what: str, *, phone: str = "", page: str = "") -> None:
        """Keep something wrong; of many, the first few are told with their page."""
        with self._lock:
            self.wrong[what] += 1
            if len(self.examples) < MOST_EXAMPLES:
                self.examples.append(Finding(what, phone, page))

    @property
    def hops(self) -> int:
        """How many hops were answered."""
        with self._lock:
            return sum(len(t) for kind, t in self.milliseconds.items() if kind is not Kind.HEALTH)
