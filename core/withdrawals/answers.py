"""What the provider's result says of a payout, in the core's words."""

from dataclasses import dataclass
from typing import TypeAlias

from core.money import Money
from core.text import Text


@dataclass(frozen=True)
class PaidOut:
    """The money is on the phone."""


@dataclass(frozen=True)
class NotPaid:
    """A listed failure code: nothing has moved. `ours` where the next payout would fail as well."""

    code: str
    reason: Text
    ours: bool


@dataclass(frozen=True)
class NotKnown:
    """A code that nobody lists, or none: ask, never guess."""

    code: str


PayoutAnswer: TypeAlias = PaidOut | NotPaid | NotKnown


@dataclass(frozen=True)
class HeardPayout:
    """A result as read from its body; what it leaves out or garbles is None."""

    answer: PayoutAnswer
    originator_id: str | None = None
    conversation_id: str | None = None
    receipt: str | None = None
    amount: Money | None = None
