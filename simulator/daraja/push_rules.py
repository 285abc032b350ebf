"""What Daraja checks in a push and a query, in its order and with its words."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from simulator.clock import EAT
from simulator.config import Config
from simulator.daraja.refusals import WRONG_CREDENTIALS, Refused, invalid
from simulator.settings import Settings

LARGEST_AMOUNT_KES = 250_000
LONGEST_DESCRIPTION = 13
TIMESTAMP_TOLERANCE = timedelta(minutes=5)
BANNED_IN_URLS = ("mpesa", "m-pesa", "safaricom", "exe", "exec", "cmd", "sql", "query")

_PHONE = re.compile(r"254[17]\d{8}", re.ASCII)
_TIMESTAMP = re.compile(r"\d{14}", re.ASCII)
_AMOUNT = re.compile(r"\d{1,9}", re.ASCII)

Payload = Mapping[str, object]


@dataclass(frozen=True, kw_only=True, slots=True)
class PushOrder:
    """A push that passed every check; the amount is in whole shillings."""

    phone: str
    amount: int
    receiver: str
    callback_url: str
    account_reference: str
    description: str


def check_business(
    payload: Payload, *, config: Config, settings: Settings, moment: datetime
) -> None:
    """Check short code, password and timestamp. Raises Refused.

    Whether Daraja refuses an old timestamp is only claimed, so that is a setting.
    """
    if _text(payload, "BusinessShortCode") != config.mpesa_shortcode:
        raise invalid("BusinessShortCode")
    password, timestamp = _text(payload, "Password"), _text(payload, "Timestamp")
    if not password:
        raise invalid("Password")
    stamped_at = _moment(timestamp)
    if stamped_at is None:
        raise invalid("Timestamp")
    if settings.enforce_timestamp and abs(moment - stamped_at) > TIMESTAMP_TOLERANCE:
        raise invalid("Timestamp")
    secret = f"{config.mpesa_shortcode}{config.mpesa_passkey}{timestamp}"
    if password != base64.b64encode(secret.encode()).decode():
        raise Refused(WRONG_CREDENTIALS)


def read_push(
    payload: Payload, *, config: Config, settings: Settings, moment: datetime
) -> PushOrder:
    """Check a whole push and return it. Raises Refused for the first field that is wrong."""
    check_business(payload, config=config, settings=settings, moment=moment)
    if _text(payload, "TransactionType") != config.mpesa_transaction_type:
        raise invalid("TransactionType")
    amount = _text(payload, "Amount")
    if _AMOUNT.fullmatch(amount) is None or not 1 <= int(amount) <= LARGEST_AMOUNT_KES:
        raise invalid("Amount")
    for field in ("PartyA", "PhoneNumber"):
        if _PHONE.fullmatch(_text(payload, field)) is None:
            raise invalid(field)
    if not _text(payload, "PartyB").isdigit():
        raise invalid("PartyB")
    url = _text(payload, "CallBackURL")
    if not _is_callback_url(url):
        raise invalid("CallBackURL")
    reference = _text(payload, "AccountReference")
    if not 1 <= len(reference) <= settings.account_reference_limit:
        raise invalid("AccountReference")
    description = _text(payload, "TransactionDesc")
    if not 1 <= len(description) <= LONGEST_DESCRIPTION:
        # Documented as optional; observed to be refused under another field's name.
        raise invalid("Remarks")
    return PushOrder(
        phone=f"+{_text(payload, 'PhoneNumber')}",
        amount=int(amount),
        receiver=_text(payload, "PartyB"),
        callback_url=url,
        account_reference=reference,
        description=description,
    )


def _text(payload: Payload, field: str) -> str:
    match payload.get(field):
        case bool() | None:
            return ""
        case str() | int() as value:
            return str(value)
        case _:
            return ""


def _moment(timestamp: str) -> datetime | None:
    if _TIMESTAMP.fullmatch(timestamp) is None:
        return None
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=EAT)
    except ValueError:
        return None


def _is_callback_url(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        return False
    # A host in capitals was observed to be refused.
    if parts.netloc != parts.netloc.lower():
        return False
    return not any(word in url.lower() for word in BANNED_IN_URLS)
