"""Kenyan mobile numbers, always kept as +254…."""

import re

from core.errors import Refused
from core.text import _

# The regulator opened 0118, 0119, 0140-0143 and 0180-0182 in August 2026; number libraries lag
# behind and would turn those callers away, so any mobile number that starts 7 or 1 counts.
_MOBILE = re.compile(r"(?:\+?254|0)?([17]\d{8})", re.ASCII)
_SEPARATORS = re.compile(r"[\s\-()]", re.ASCII)


class InvalidPhone(Refused):
    """Not a Kenyan mobile number."""

    def __init__(self) -> None:
        super().__init__(_("That is not a Kenyan mobile number. Write it like 0712345678."))


def parse_phone(raw: str) -> str:
    """The number as +254XXXXXXXXX, from 254…, 0…, +254…, 7… or 1…. Raises InvalidPhone."""
    match = _MOBILE.fullmatch(_SEPARATORS.sub("", raw))
    if match is None:
        raise InvalidPhone
    return f"+254{match[1]}"


def may_be(masked: str, phone: str) -> bool:
    """Whether a number with stars in it, `2547*****149`, can be this one."""
    visible = [re.escape(part) for part in re.split(r"\*+", masked)]
    return re.fullmatch(r"\d+".join(visible), phone.removeprefix("+")) is not None
