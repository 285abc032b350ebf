"""Dated values as people read and write them: shillings, percent, hours."""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final

from core.config.rules import BOUNDS, Dated
from core.errors import Refused
from core.money import kes, percent
from core.text import Text, _

_NAMES: Final[Mapping[Dated, str]] = {
    Dated.PLATFORM_FEE_BPS: "Fee of new markets",
    Dated.STAKE_MIN_KES: "Smallest stake",
    Dated.STAKE_MAX_KES: "Largest stake",
    Dated.DEPOSIT_MIN_KES: "Smallest deposit",
    Dated.DEPOSIT_MAX_KES: "Largest deposit",
    Dated.WITHDRAWAL_MIN_KES: "Smallest withdrawal",
    Dated.WITHDRAWAL_MAX_KES: "Largest withdrawal",
    Dated.WITHDRAWAL_FEE_KES: "Fee of a withdrawal",
    Dated.WITHHOLDING_BPS: "Withholding tax on withdrawals",
    Dated.SIM_SWAP_CHECK_FROM_KES: "The SIM is asked about from",
    Dated.WITHDRAWAL_APPROVAL_FROM_KES: "Two people release withdrawals from",
    Dated.EXCISE_BPS: "Excise on deposits",
    Dated.GAMING_TAX_BPS: "Gaming tax on our revenue",
    Dated.WALLET_MAX_KES: "The most an account may hold",
    Dated.DAILY_DEPOSIT_MAX_KES: "Deposits of a player per day",
    Dated.DAILY_STAKE_MAX_KES: "Stakes of a player per day",
    Dated.SMS_STAKE_DAILY_MAX_KES: "Bets by SMS of a player per day",
    Dated.RESOLUTION_DEADLINE_HOURS: "Time to resolve a closed market",
}
# What nought means of these; of the others it is an amount like any.
_AT_NOUGHT: Final = {
    Dated.WALLET_MAX_KES: "no limit",
    Dated.DAILY_DEPOSIT_MAX_KES: "no limit",
    Dated.DAILY_STAKE_MAX_KES: "no limit",
    Dated.SMS_STAKE_DAILY_MAX_KES: "none",
    Dated.WITHDRAWAL_FEE_KES: "none",
    Dated.SIM_SWAP_CHECK_FROM_KES: "every withdrawal",
    Dated.WITHDRAWAL_APPROVAL_FROM_KES: "none waits",
}
_BPS_PER_PERCENT: Final = 100
_NUMBER: Final = re.compile(r"\d{1,12}(\.\d{1,4})?", re.ASCII)


class Unit(StrEnum):
    """What a value counts: the end of its name."""

    KES = "kes"
    BPS = "bps"
    HOURS = "hours"


class InvalidValue(Refused):
    """No number of this value's unit."""

    def __init__(self, name: Dated) -> None:
        super().__init__(_expected(unit_of(name)))


class ValueOutside(Refused):
    """A number that this value can never be, told in its unit."""

    def __init__(self, name: Dated) -> None:
        least, most = (value_in_words(name, bound) for bound in BOUNDS[name])
        words = name_in_words(name)
        super().__init__(_("{name} is {least} to {most}.", name=words, least=least, most=most))


def unit_of(name: Dated) -> Unit:
    """The unit of a value."""
    return Unit(name.rpartition("_")[2])


def name_in_words(name: Dated) -> str:
    """What a value is to a person."""
    return _NAMES[name]


def value_in_words(name: Dated, value: int) -> str:
    """The value with its unit, such as `KES 20,000`, `10%` or `168 hours`."""
    if value == 0 and name in _AT_NOUGHT:
        return _AT_NOUGHT[name]
    match unit_of(name):
        case Unit.KES:
            return str(kes(value))
        case Unit.BPS:
            return percent(value)
        case Unit.HOURS:
            return "1 hour" if value == 1 else f"{value:,} hours"


def bounds_in_words(name: Dated) -> str:
    """From where to where it may be."""
    least, most = BOUNDS[name]
    return f"{value_in_words(name, least)} to {value_in_words(name, most)}"


def parse_value(name: Dated, raw: str) -> int:
    """The value as the table keeps it, of what somebody wrote in its unit.

    Raises InvalidValue or ValueOutside.
    """
    typed = raw.strip().upper().removeprefix("KES").removesuffix("%").replace(",", "").strip()
    if _NUMBER.fullmatch(typed) is None:
        raise InvalidValue(name)
    counted = Decimal(typed) * (_BPS_PER_PERCENT if unit_of(name) is Unit.BPS else 1)
    if counted != counted.to_integral_value():
        raise InvalidValue(name)
    least, most = BOUNDS[name]
    if not least <= counted <= most:
        raise ValueOutside(name)
    return int(counted)


def _expected(unit: Unit) -> Text:
    match unit:
        case Unit.KES:
            return _("Write the value in whole shillings, like 20,000.")
        case Unit.BPS:
            return _("Write the value in percent, like 10 or 0.25.")
        case Unit.HOURS:
            return _("Write the value in whole hours, like 168.")
