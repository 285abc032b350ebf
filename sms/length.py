"""How many segments a message costs, by our own count and by the provider's."""

import re
from typing import Final

from core.gsm7 import ONE_SEGMENT, NotGsm7, septets

# 3GPP TS 23.040: in a message of several segments six octets of each are a header.
_ONE_OF_MANY: Final = 153
_ONE_IN_UCS2, _ONE_OF_MANY_IN_UCS2 = 70, 67
_PARTS = re.compile(r"Message parts: (\d{1,3})\b", re.ASCII)


def segments(text: str) -> int:
    """How many segments a message takes; a character of two units is never split over two."""
    try:
        widths = [septets(character) for character in text]
    except NotGsm7:
        widths = [len(character.encode("utf-16-be")) // 2 for character in text]
        return _count(widths, one=_ONE_IN_UCS2, of_many=_ONE_OF_MANY_IN_UCS2)
    return _count(widths, one=ONE_SEGMENT, of_many=_ONE_OF_MANY)


def parts_told(summary: str) -> int | None:
    """The provider's count, from the words of its answer; None where it gives none."""
    told = _PARTS.search(summary)
    return int(told[1]) if told else None


def _count(widths: list[int], *, one: int, of_many: int) -> int:
    if sum(widths) <= one:
        return 1
    count, room = 1, of_many
    for width in widths:
        if width > room:
            count, room = count + 1, of_many
        room -= width
    return count
