"""What a payment provider may say about a deposit, in the core's words."""

from dataclasses import dataclass
from typing import TypeAlias

from core.money import Money
from core.text import Text


@dataclass(frozen=True)
class Paid:
    """The money has moved at the provider."""


@dataclass(frozen=True)
class Failed:
    """A listed failure code: nothing has moved, so far. The reason is for the player.

    Where no prompt reached the player, `paybill` is where the same can be paid by hand.
    """

    code: str
    reason: Text
    paybill: str | None = None


@dataclass(frozen=True)
class NoAnswer:
    """In flight, throttled, unreachable or a code that nobody lists: ask again, never guess."""

    code: str


Answer: TypeAlias = Paid | Failed | NoAnswer


@dataclass(frozen=True)
class Heard:
    """A callback as read from its body; what it leaves out or garbles is None."""

    answer: Answer
    merchant_request_id: str | None = None
    checkout_request_id: str | None = None
    receipt: str | None = None
    amount: Money | None = None
    phone: str | None = None
