"""Money in whole cents of the Kenya shilling."""

from __future__ import annotations

from dataclasses import dataclass

CENTS_PER_SHILLING = 100
# Rates are in hundredths of a percent, and this many are all of it.
WHOLE_BPS = 10_000


@dataclass(frozen=True, order=True, slots=True)
class Money:
    """An amount in cents; may be negative where a movement is meant. Reads `KES 1,234.50`."""

    cents: int

    def __add__(self, other: Money) -> Money:
        return Money(self.cents + other.cents)

    def __sub__(self, other: Money) -> Money:
        return Money(self.cents - other.cents)

    def __neg__(self) -> Money:
        return Money(-self.cents)

    def __bool__(self) -> bool:
        return self.cents != 0

    def __str__(self) -> str:
        sign = "-" if self.cents < 0 else ""
        shillings, cents = divmod(abs(self.cents), CENTS_PER_SHILLING)
        return f"{sign}KES {shillings:,}" + (f".{cents:02}" if cents else "")

    @property
    def whole_shillings(self) -> Money:
        """The same amount with its cents cut off, never rounded up: a promise must be kept."""
        return Money(self.cents // CENTS_PER_SHILLING * CENTS_PER_SHILLING)

    @property
    def rounded_up(self) -> Money:
        """The next whole shillings, so that nothing is missing."""
        return Money(-(-self.cents // CENTS_PER_SHILLING) * CENTS_PER_SHILLING)

    @property
    def shillings(self) -> int:
        """The number of shillings, for gateways that know no cents."""
        assert self.cents % CENTS_PER_SHILLING == 0, "whole shillings expected"
        return self.cents // CENTS_PER_SHILLING


def percent(bps: int) -> str:
    """A rate in basis points as people read it, such as `5%` or `0.25%`."""
    # The sign belongs to the value: in a text, `% of` would be read as a placeholder by gettext.
    return f"{bps / 100:g}%"


def kes(shillings: int) -> Money:
    """So many whole shillings."""
    return Money(shillings * CENTS_PER_SHILLING)
