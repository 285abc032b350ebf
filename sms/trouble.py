"""Notices, in one process, that after many refusals a message was taken."""

import threading
from dataclasses import dataclass, field

from core.carriers.rules import REFUSED_IN_A_ROW


@dataclass
class Trouble:
    """How many messages were refused since one was taken."""

    _in_a_row: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refused(self) -> None:
        """Nobody took a message, for now."""
        with self._lock:
            self._in_a_row += 1

    def is_over(self) -> bool:
        """A message was taken: whether that is news. A repeat is none."""
        with self._lock:
            was_long = self._in_a_row >= REFUSED_IN_A_ROW
            self._in_a_row = 0
            return was_long
