"""Reads the body of an STK callback, whatever it holds; masks the phone numbers in it first."""

import json
import re
from typing import Final

from core.deposits.answers import Heard, Paid
from core.money import Money
from payments.mpesa.results import answer_of, spell

_PHONE: Final = re.compile(r"(?<!\d)(\+?254|0)([17])\d{5}(\d{3})(?!\d)", re.ASCII)
_MASKED_PHONE: Final = re.compile(r"\+?(254[17*][\d* ]*)", re.ASCII)
_RECEIPT: Final = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_AMOUNT: Final = re.compile(r"(\d{1,9})(?:\.(\d{1,2})0*)?", re.ASCII)
_LONGEST_ID: Final = 100


def redact(body: bytes) -> str:
    """The body as text that a table can hold: phone numbers masked, no NUL.

    A number keeps its first and last digits, so that another phone's callback is still noticed.
    """
    text = body.decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    try:
        return json.dumps(_mask(json.loads(text)))
    except (ValueError, RecursionError):
        return _mask_text(text)


def read_callback(body: str, *, paybill: str | None = None) -> Heard | None:
    """What the callback says; None where it is no STK callback. Never raises for any text.

    The paybill is what a failure may point to.
    """
    try:
        content: object = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match content:
        case {"Body": {"stkCallback": dict() as callback}}:
            return _read(callback, paybill)
        case _:
            return None


def _read(callback: dict[str, object], paybill: str | None) -> Heard | None:
    if spell(callback.get("ResultCode")) is None:
        return None
    answer = answer_of(callback.get("ResultCode"), paybill=paybill)
    # A failure has no items at all, and then nothing is compared but the ids.
    items = _items(callback) if isinstance(answer, Paid) else {}
    return Heard(
        answer,
        merchant_request_id=_identifier(callback.get("MerchantRequestID")),
        checkout_request_id=_identifier(callback.get("CheckoutRequestID")),
        receipt=_receipt(items.get("MpesaReceiptNumber")),
        amount=_amount(items.get("Amount")),
        phone=_phone(items.get("PhoneNumber")),
    )


def _items(callback: dict[str, object]) -> dict[str, object]:
    """The metadata by name: order and number of items vary, and some come without a value."""
    match callback.get("CallbackMetadata"):
        case {"Item": list() as items}:
            return {
                item["Name"]: item.get("Value")
                for item in items
                if isinstance(item, dict) and isinstance(item.get("Name"), str)
            }
        case {"Item": {"Name": str(name), "Value": value}}:
            return {name: value}
        case _:
            return {}


def _identifier(value: object) -> str | None:
    text = spell(value)
    # A lone surrogate passes JSON but no database.
    if text is None or len(text) > _LONGEST_ID or not text.isascii() or "\x00" in text:
        return None
    return text


def _receipt(value: object) -> str | None:
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if _RECEIPT.fullmatch(text) else None


def _amount(value: object) -> Money | None:
    """Shillings as a number or a string, such as 1.00. A fraction of a cent is no amount."""
    text = str(value).strip() if isinstance(value, int | float | str) else ""
    match = _AMOUNT.fullmatch(text)
    return None if match is None else Money(int(match[1] + (match[2] or "").ljust(2, "0")))


def _phone(value: object) -> str | None:
    match = _MASKED_PHONE.fullmatch(spell(value) or "")
    return None if match is None else match[1].replace(" ", "")


def _mask(value: object) -> object:
    match value:
        case dict():
            return {_mask_text(key): _mask(inner) for key, inner in value.items()}
        case list():
            return [_mask(inner) for inner in value]
        case str():
            return _mask_text(value)
        case int() | float() if not isinstance(value, bool):
            number = spell(value)
            masked = _mask_text(number) if number else number
            return value if masked == number else masked
        case _:
            return value


def _mask_text(text: str) -> str:
    return _PHONE.sub(r"\1\2*****\3", text)
