"""How many parts an SMS is sent in."""

import gsm0338

_ALPHABET = gsm0338.Codec()
_ONE_7BIT, _MANY_7BIT = 160, 153
_ONE_UCS2, _MANY_UCS2 = 70, 67


def message_parts(text: str) -> int:
    """Return the number of parts (3GPP TS 23.040: six octets of header in each of several)."""
    try:
        length = len(_ALPHABET.encode(text)[0])
    except UnicodeError:
        return _parts(len(text.encode("utf-16-be")) // 2, one=_ONE_UCS2, many=_MANY_UCS2)
    return _parts(length, one=_ONE_7BIT, many=_MANY_7BIT)


def _parts(length: int, *, one: int, many: int) -> int:
    return 1 if length <= one else -(-length // many)
