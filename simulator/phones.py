"""Kenyan mobile numbers, in the forms that people and programs write them."""

import re

_WRITTEN = re.compile(r"(?:\+?254|0)?([17]\d{8})")


class BadPhoneError(Exception):
    """The text is no Kenyan mobile number."""


def canonical_phone(written: str) -> str:
    """Return `+254…` for 07…, 7…, 254… or +254…. Raises BadPhoneError otherwise."""
    match = _WRITTEN.fullmatch(re.sub(r"[\s-]", "", written))
    if match is None:
        message = f"{written!r} is not a Kenyan mobile number"
        raise BadPhoneError(message)
    return f"+254{match[1]}"
