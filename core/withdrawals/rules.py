"""What a withdrawal may be, when one is refused, and what it costs."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.clock import short_time
from core.errors import Refused
from core.money import Money, kes
from core.money_input import parse_whole_shillings
from core.players.records import Player, Status
from core.players.rules import AccountClosed, AccountLocked, NotVerified
from core.text import _


class WithdrawalState(StrEnum):
    """Where a withdrawal stands. Until it has ended its money is held."""

    REQUESTED = "requested"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAID_AFTER_RELEASE = "paid_after_release"


ENDED: Final = (
    WithdrawalState.PAID,
    WithdrawalState.FAILED,
    WithdrawalState.CANCELLED,
    WithdrawalState.PAID_AFTER_RELEASE,
)
# Where the call may have been made, and nobody has proven what came of it.
IN_DOUBT: Final = frozenset(
    {
        WithdrawalState.SENDING,
        WithdrawalState.ACCEPTED,
        WithdrawalState.UNKNOWN,
        WithdrawalState.MANUAL,
    }
)
