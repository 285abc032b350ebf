"""Amounts as people type them."""

import re

from core.errors import Refused
from core.money import Money, kes
from core.text import _

_MOST_DIGITS = 9
# No leading nought: 0712345678 is a phone number, and 0 is the key for "back".
_WHOLE = re.compile(r"(?:kes\s*)?([1-9]\d{0,2}(?:,\d{3})+|[1-9]\d*)", re.ASCII | re.IGNORECASE)


class NotAnAmount(Refused):
    """Not a number of whole shillings."""

    def __init__(self) -> None:
        super().__init__(_("Type the amount in whole shillings, like 200."))


def parse_whole_shillings(text: str) -> Money:
    """The amount in `200`, ` 1,000 ` or `KES 200`. Raises NotAnAmount."""
    match = _WHOLE.fullmatch(text.strip())
    if match is None:
        raise NotAnAmount
    digits = match[1].replace(",", "")
    if len(digits) > _MOST_DIGITS:
        raise NotAnAmount
    return kes(int(digits))
