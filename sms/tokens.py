"""A message cut into words and numbers, whatever was written between them."""

import re
from dataclasses import dataclass
from typing import Final

# Nine digits are enough for any amount and any market.
_MOST_DIGITS: Final = 9
_NO_CENTS: Final = {"", ".0", ".00"}
# `1,000` is one number where three digits follow, and `100.50` is one that is no whole shillings;
# every other sign only parts: BET#112#YES#100. A minus that sticks to a number is meant.
_TOKEN: Final = re.compile(
    r"(?P<minus>(?<=\s)-)?(?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?P<cents>\.\d+)?|(?P<word>[A-Z]+)",
    re.ASCII,
)


@dataclass(frozen=True)
class Number:
    """Digits as written; the value is None where they are no whole number that can be meant."""

    digits: str
    value: int | None


Token = str | Number


def tokens_of(text: str) -> list[Token]:
    """Words in capitals and numbers, in their order. Never raises."""
    return [_token(found) for found in _TOKEN.finditer(text.upper())]


def compact(tokens: list[Token]) -> str:
    """Their letters and digits without anything between, as references are compared."""
    return "".join(each if isinstance(each, str) else each.digits for each in tokens)


def _token(found: re.Match[str]) -> Token:
    if found["word"] is not None:
        return found["word"]
    digits, cents = found["digits"].replace(",", ""), found["cents"] or ""
    # 1.000 is a thousand to some and one to others.
    whole = cents in _NO_CENTS and len(digits) <= _MOST_DIGITS and not found["minus"]
    # No leading nought: 0712345678 is a phone number.
    readable = whole and not digits.startswith("0")
    return Number(digits + cents.strip("."), int(digits) if readable else None)
