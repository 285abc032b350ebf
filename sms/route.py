"""By which provider the next message goes: as the table says, looked up every other second."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine

from core.carriers.choose import take_probe
from core.carriers.records import Carried, who_carries
from core.carriers.rules import FIRST, Carrier
from core.database import in_transaction
from core.notices.send import Hand
from sms.sender import SmsSender

FRESH_SECONDS: Final = 2.0


@dataclass
class Route:
    """The providers of one process. With one alone there is nothing to look up.

    The table is shared by all workers, so that they agree; losing Redis changes nothing.
    """

    database: Engine
    senders: Sequence[SmsSender]
    fresh_seconds: float = FRESH_SECONDS
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _carried: Carried | None = None
    _read_at: float = float("-inf")

    def choose(self, *, may_try: bool) -> SmsSender:
        """Who carries; where it `may_try`, now and then the first provider although it does not."""
        if len(self.senders) == 1:
            return self.senders[0]
        carried = self._look()
        may_try = may_try and carried.carrier is not FIRST and carried.probe_at <= carried.at
        if may_try and in_transaction(self.database, take_probe):
            self.forget()
            return self._sender(FIRST)
        return self._sender(carried.carrier)

    def after(self, sender: SmsSender | Carrier) -> SmsSender | None:
        """Who takes a message that this one did not; None where a person allows no other."""
        if len(self.senders) == 1 or self._look().forced_by is not None:
            return None
        carrier = sender if isinstance(sender, Carrier) else sender.carrier
        return self._sender(carrier.other)

    def forget(self) -> None:
        """Look again before the next message."""
        self._read_at = float("-inf")

    def _look(self) -> Carried:
        with self._lock:
            if self._carried is None or time.monotonic() - self._read_at > self.fresh_seconds:
                self._carried = in_transaction(self.database, who_carries)
                self._read_at = time.monotonic()
            return self._carried

    def _sender(self, carrier: Carrier) -> SmsSender:
        return next(one for one in self.senders if one.carrier is carrier)


def hand_to(sender: SmsSender) -> Hand:
    """What is written down before the call: who is called, under which id of ours."""
    return Hand(sender.carrier, sender.name())
