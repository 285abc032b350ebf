"""Reads what Daraja tells of a payment to the paybill, and keeps no more of it than is needed."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from core.clock import NAIROBI
from core.money import Money
from core.paybill.hear_payment import Told
from core.paybill.rules import LONGEST_ACCOUNT
from core.text import storable
from payments.mpesa.callbacks import redact
from payments.mpesa.fields import amount_of, object_in, receipt_of, spell

_NUMBER: Final = re.compile(r"(254[17])\d{5}(\d{3})", re.ASCII)
_MASKED_NUMBER: Final = re.compile(r"254[17]?\d{0,2}\*+\d{0,3}", re.ASCII)
_MOMENT: Final = re.compile(r"20\d{12}", re.ASCII)
_LONGEST: Final = 40
_PLAIN: Final = (
    "TransactionType",
    "TransID",
    "TransTime",
    "TransAmount",
    "BusinessShortCode",
    "OrgAccountBalance",
)


def redact_payment(body: bytes) -> str:
    """What a table may keep of a confirmation: what the payment is known and credited by.

    That is its kind, receipt, time, amount, our shortcode, the balance after it, the payer's number
    masked, and the account as it was typed. The account says whom to credit, so it stays whole
    although it mostly is a phone number; the payer's names and whatever else stands there do not
    stay. A body that is no JSON object is kept as text, with phone numbers masked. Never raises.
    """
    content = object_in(body.decode("utf-8", errors="replace"))
    if content is None:
        return redact(body)
    kept = {
        **{name: _plain(content.get(name)) for name in _PLAIN},
        "BillRefNumber": _account(content.get("BillRefNumber")),
        "MSISDN": _payer(content.get("MSISDN")),
    }
    return json.dumps(kept)


@dataclass(frozen=True)
class Asked:
    """A payment that is not made yet; what the body leaves out or garbles is None."""

    shortcode: str | None
    amount: Money | None
    account: str | None


def read_request(body: bytes) -> Asked:
    """What a validation asks about. Never raises for any body."""
    content = object_in(body.decode("utf-8", errors="replace")) or {}
    return Asked(
        shortcode=spell(content.get("BusinessShortCode")),
        amount=amount_of(content.get("TransAmount")),
        account=_account(content.get("BillRefNumber")),
    )


def read_payment(kept: str, *, shortcode: str) -> Told | None:
    """What a stored confirmation tells; None where it is none, or of another shortcode.

    A missing account is an empty one, which nobody has: the money may be real. Never raises.
    """
    content = object_in(kept) or {}
    receipt, amount = receipt_of(content.get("TransID")), amount_of(content.get("TransAmount"))
    if receipt is None or not amount or spell(content.get("BusinessShortCode")) != shortcode:
        return None
    return Told(
        receipt=receipt,
        amount=amount,
        account=_account(content.get("BillRefNumber")) or "",
        payer=_payer(content.get("MSISDN")),
        paid_at=_moment(content.get("TransTime")),
    )


def _plain(value: object) -> str | float | None:
    """A number or a short word; anything else a table does without."""
    if isinstance(value, float):
        return value
    text = spell(value)
    return None if text is None else storable(text)[:_LONGEST]


def _account(value: object) -> str | None:
    text = spell(value) if not isinstance(value, str) else value.strip()
    return None if text is None else storable(text)[:LONGEST_ACCOUNT]


def _payer(value: object) -> str | None:
    """The payer's number with stars in it (C2B v2). The hash of v1 is dropped: it can be undone."""
    text = (spell(value) or "").replace(" ", "").removeprefix("+")
    if _MASKED_NUMBER.fullmatch(text):
        return text
    number = _NUMBER.fullmatch(text)
    return None if number is None else f"{number[1]}*****{number[2]}"


def _moment(value: object) -> datetime | None:
    """A time of 14 digits, in East African Time."""
    text = spell(value) or ""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI)
    except ValueError:
        return None
