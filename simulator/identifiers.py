"""Identifiers that look like the providers' own."""

import secrets
import string
from datetime import datetime

_CAPITALS_AND_DIGITS = string.ascii_uppercase + string.digits
_LETTERS_AND_DIGITS = string.ascii_letters + string.digits
_DAYS = string.digits + string.ascii_uppercase


def ussd_session_id() -> str:
    """Return a session id as Africa's Talking makes them: ATUid_ and 32 hex digits."""
    return f"ATUid_{secrets.token_hex(16)}"


def sms_id() -> str:
    """Return a message id as Africa's Talking makes them."""
    return f"ATXid_{secrets.token_hex(16)}"


def access_token() -> str:
    """Return a Daraja access token: 28 letters and digits."""
    return _random(_LETTERS_AND_DIGITS, 28)


def request_id() -> str:
    """Return a MerchantRequestID or requestId as Daraja makes them."""
    return "-".join(secrets.token_hex(size) for size in (2, 2, 2, 8))


def checkout_request_id(*, moment: datetime, phone: str) -> str:
    """Return ws_CO_ + DDMMYYYYHHmmss + 3 digits + the last nine digits of the phone."""
    fraction = f"{moment.microsecond // 1000:03d}"
    return f"ws_CO_{moment:%d%m%Y%H%M%S}{fraction}{phone[-9:]}"


def receipt(*, moment: datetime) -> str:
    """Return an M-Pesa receipt: ten capitals and digits, the first three of which are the date."""
    year = string.ascii_uppercase[(moment.year - 2006) % 26]
    month = string.ascii_uppercase[moment.month - 1]
    return f"{year}{month}{_DAYS[moment.day]}{_random(_CAPITALS_AND_DIGITS, 7)}"


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
