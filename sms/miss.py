"""A message that could not be followed, and what it was probably meant to be."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from core.markets.rules import Side
from sms.tokens import Number
from sms.vocabulary import Word

# Four digits could be a PIN, so no number of four digits is ever repeated to anybody.
_LARGEST_REPEATED: Final = 999


class Why(StrEnum):
    """What was missing or wrong."""

    NEAR = "near"
    SHAPE = "shape"
    SIDE = "side"
    AMOUNT = "amount"
    MARKET = "market"
    REFERENCE = "reference"
    LANGUAGE = "language"


@dataclass(frozen=True)
class Example:
    """The right way to write it: the market's number and the amount are the player's if short."""

    word: Word
    market_id: int | None = None
    side: Side = Side.YES
    shillings: int | None = None


@dataclass(frozen=True)
class Miss:
    """Why nothing was done, and what would have been right; None where nothing is near."""

    why: Why
    example: Example | None


def repeatable(number: Number | None) -> int | None:
    """The number where it is short enough to be told back."""
    value = None if number is None else number.value
    return value if value is not None and value <= _LARGEST_REPEATED else None
