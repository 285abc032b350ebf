"""Kenyan mobile numbers, in the forms that people and programs write them."""

import re

SAFARICOM, AIRTEL, TELKOM, EQUITEL = "63902", "63903", "63907", "63999"
# The Communications Authority's plan of mobile numbers, without +254.
_PREFIXES = (
    (AIRTEL, re.compile(r"10|73|75[0-6]|762|78")),
    (EQUITEL, re.compile(r"76[3-6]")),
    (TELKOM, re.compile(r"77")),
)
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


def network_of(phone: str) -> str:
    """Return the code of the network that a canonical number was given to."""
    national = phone.removeprefix("+254")
    return next((code for code, prefix in _PREFIXES if prefix.match(national)), SAFARICOM)
