"""Reads the body of an STK callback, whatever it holds; masks what no table may hold first."""

import json
import re
from typing import Final

from core.deposits.answers import Heard, Paid
from payments.mpesa.fields import amount_of, identifier_of, object_in, pairs_of, receipt_of, spell
from payments.mpesa.results import answer_of

_PHONE: Final = re.compile(r"(?<!\d)(\+?254|0)([17])\d{5}(\d{3})(?!\d)", re.ASCII)
_MASKED_PHONE: Final = re.compile(r"\+?(254[17*][\d* ]*)", re.ASCII)
# The notice of a queue's time-out may echo the whole request (daraja.md §5.2).
_SECRETS: Final = frozenset({"SecurityCredential", "Password", "InitiatorPassword"})
_SECRET_PAIR: Final = re.compile(rf'("(?:{"|".join(sorted(_SECRETS))})"\s*:\s*)"[^"]*"?')
# A credential is some 344 letters of base64; nothing that we read is half as long. What a time-out
# looks like is documented nowhere, so the credential may stand in it under any name.
_LONG_SECRET: Final = re.compile(r"[\w+/=%\\-]{128,}", re.ASCII)
_MASK: Final = "*****"


def redact(body: bytes) -> str:
    """The body as text that a table can hold: phone numbers and secrets masked, no NUL.

    A number keeps its first and last digits, so that another phone's callback is still noticed.
    """
    text = body.decode("utf-8", errors="replace").replace("\x00", "\ufffd")
    try:
        return json.dumps(_mask(json.loads(text)))
    except (ValueError, RecursionError):
        return _mask_text(_SECRET_PAIR.sub(rf'\1"{_MASK}"', text))


def read_callback(body: str, *, paybill: str | None = None) -> Heard | None:
    """What the callback says; None where it is no STK callback. Never raises for any text.

    The paybill is what a failure may point to.
    """
    match object_in(body):
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
        merchant_request_id=identifier_of(callback.get("MerchantRequestID")),
        checkout_request_id=identifier_of(callback.get("CheckoutRequestID")),
        receipt=receipt_of(items.get("MpesaReceiptNumber")),
        amount=amount_of(items.get("Amount")),
        phone=_phone(items.get("PhoneNumber")),
    )


def _items(callback: dict[str, object]) -> dict[str, object]:
    match callback.get("CallbackMetadata"):
        case {"Item": listed}:
            return pairs_of(listed, name="Name")
        case _:
            return {}


def _phone(value: object) -> str | None:
    match = _MASKED_PHONE.fullmatch(spell(value) or "")
    return None if match is None else match[1].replace(" ", "")


def _mask(value: object) -> object:
    match value:
        case dict():
            return {
                _mask_text(key): _MASK if key in _SECRETS else _mask(inner)
                for key, inner in value.items()
            }
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
    return _PHONE.sub(r"\1\2*****\3", _LONG_SECRET.sub(_MASK, text))
