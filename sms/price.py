"""What a message cost, in millionths of a currency, as each provider spells it."""

import re
from decimal import Decimal, InvalidOperation
from typing import Final

from core.notices.costs import MessagePrice

_SPELLED: Final = re.compile(r"([A-Z]{3}) (\d{1,9}(?:\.\d{1,6})?)", re.ASCII)
_CURRENCY: Final = re.compile(r"[A-Z]{3}", re.ASCII)
_MILLION: Final = 1_000_000
# Nobody pays more for an SMS; a wilder number is no price.
_MOST: Final = Decimal(1_000_000)


def read_price(spelled: str | None) -> MessagePrice | None:
    """The price in `KES 0.8000`; None where no currency is named, as in a bare `0`."""
    found = _SPELLED.fullmatch(spelled or "")
    return MessagePrice(_micros(Decimal(found[2])), found[1]) if found else None


def price_of_parts(amount: object, currency: object, *, times: int = 1) -> MessagePrice | None:
    """The price of so many messages at a JSON number each; None where that is no price."""
    if not isinstance(currency, str) or not _CURRENCY.fullmatch(currency):
        return None
    if isinstance(amount, bool) or not isinstance(amount, int | float | str):
        return None
    try:
        each = Decimal(str(amount))
    except InvalidOperation:
        return None
    if not each.is_finite() or not 0 <= each <= _MOST:
        return None
    return MessagePrice(_micros(each * times), currency)


def _micros(amount: Decimal) -> int:
    return int((amount * _MILLION).to_integral_value())
