"""What a search finds: payments of every kind in one shape, and their place in a list."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from core.money import Money

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
# Digits that no moment of the calendar and no number of ours has more of.
_PLACE: Final = re.compile(r"(\d{1,17})-(\d)-(\d{1,18})", re.ASCII)


class PaymentKind(StrEnum):
    """Where a payment stands written: with us, or so far only on the provider's statement."""

    DEPOSIT = "deposit"
    WITHDRAWAL = "withdrawal"
    PAYBILL = "paybill"
    STATEMENT_LINE = "statement_line"

    @property
    def rank(self) -> int:
        """Its place among payments of the same moment."""
        return list(PaymentKind).index(self)


class Needs(StrEnum):
    """What a person must look at."""

    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"
    SUSPENSE = "suspense"
    LARGE = "large"


@dataclass(frozen=True, order=True)
class Place:
    """Where a list goes on: behind this payment, towards the older ones."""

    at: datetime
    rank: int
    id: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """The same from an address; None where it is none."""
        match = _PLACE.fullmatch(text)
        if match is None:
            return None
        micros, rank, number = map(int, match.groups())
        return cls(_EPOCH + micros * _MICROSECOND, rank, number)

    def __str__(self) -> str:
        return f"{(self.at - _EPOCH) // _MICROSECOND}-{self.rank}-{self.id}"


@dataclass(frozen=True)
class FoundPayment:
    """One payment in a list. `phone` is its player's, `account` what was typed at the paybill."""

    kind: PaymentKind
    id: int
    at: datetime
    amount: Money
    state: str
    phone: str | None
    account: str | None
    receipt: str | None
    reference: str | None
    # Why a person must look at it.
    why: str | None

    @property
    def place(self) -> Place:
        """Where the list goes on behind it."""
        return Place(self.at, self.kind.rank, self.id)
