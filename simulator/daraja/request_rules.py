"""What Daraja checks in the requests that it answers later, field by field."""

import re
from urllib.parse import urlsplit

from simulator.config import Config
from simulator.daraja.push_rules import BANNED_IN_URLS, Payload
from simulator.daraja.refusals import invalid

PAYBILL_IDENTIFIER = "4"
SHORTEST_REMARKS, LONGEST_REMARKS = 2, 100

_PHONE = re.compile(r"254[17]\d{8}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,9}", re.ASCII)


def text_of(payload: Payload, field: str) -> str:
    """Return a field as text; what is missing or neither text nor a whole number is empty."""
    value = payload.get(field)
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value)
    return ""


def check_present(payload: Payload, *fields: str) -> None:
    """Check that each field says something. Raises Refused for the first that does not."""
    for field in fields:
        if not text_of(payload, field):
            raise invalid(field)


def check_equals(payload: Payload, field: str, *allowed: str) -> None:
    """Check that a field says one of the allowed texts. Raises Refused."""
    if text_of(payload, field) not in allowed:
        raise invalid(field)


def check_length(payload: Payload, field: str, *, shortest: int, longest: int) -> None:
    """Check how many characters a field has. Raises Refused."""
    if not shortest <= len(text_of(payload, field)) <= longest:
        raise invalid(field)


def check_addresses(payload: Payload, *fields: str) -> None:
    """Check the URLs to which results shall be posted. Raises Refused."""
    for field in fields:
        if not _may_be_called(text_of(payload, field)):
            raise invalid(field)


def phone_of(payload: Payload, field: str) -> str:
    """Return a field's number as `+254…`. Raises Refused."""
    number = text_of(payload, field)
    if _PHONE.fullmatch(number) is None:
        raise invalid(field)
    return f"+{number}"


def amount_of(payload: Payload, *, lowest: int, highest: int) -> int:
    """Return the Amount in whole shillings. Raises Refused."""
    amount = text_of(payload, "Amount")
    if _AMOUNT.fullmatch(amount) is None or not lowest <= int(amount) <= highest:
        raise invalid("Amount")
    return int(amount)


def knows_initiator(payload: Payload, *, name: str, config: Config) -> bool:
    """Tell whether the operator and his credential are right.

    They are only seen behind the gateway: a wrong one is acknowledged, and the result says 2001
    (observed on the sandbox, 2026-09-28).
    """
    return (
        text_of(payload, name) == config.mpesa_initiator_name
        and text_of(payload, "SecurityCredential") == config.mpesa_security_credential
    )


def _may_be_called(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    return not any(word in url.lower() for word in BANNED_IN_URLS)
