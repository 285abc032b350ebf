"""Values as Daraja spells them: codes, ids, receipts, amounts, and lists that may be one object."""

import json
import re
from collections.abc import Mapping
from typing import Final

from core.money import Money

_RECEIPT: Final = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_AMOUNT: Final = re.compile(r"(\d{1,9})(?:\.(\d{1,2})0*)?", re.ASCII)
_LONGEST_ID: Final = 100


def spell(value: object) -> str | None:
    """A code as text: the callback sends a number where the query sends a string."""
    match value:
        case bool() | None:
            return None
        case str():
            # JSON can spell NUL and half a surrogate pair, which no table takes.
            whole = value.replace("\x00", "\ufffd").encode("utf-8", "replace").decode()
            return whole.strip() or None
        case int():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return None


def object_in(text: str) -> dict[str, object] | None:
    """The JSON object that a text spells; None for any other text. Never raises."""
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None


def identifier_of(value: object) -> str | None:
    """An id of the provider's; None for what no table should hold."""
    text = spell(value)
    # A lone surrogate passes JSON but no database.
    if text is None or len(text) > _LONGEST_ID or not text.isascii() or "\x00" in text:
        return None
    return text


def receipt_of(value: object) -> str | None:
    """M-Pesa's code of a payment, in capitals."""
    text = value.strip().upper() if isinstance(value, str) else ""
    return text if _RECEIPT.fullmatch(text) else None


def amount_of(value: object) -> Money | None:
    """Shillings as a number or a string, such as 1.00. A fraction of a cent is no amount."""
    if isinstance(value, bool):
        return None
    text = str(value).strip() if isinstance(value, int | float | str) else ""
    match = _AMOUNT.fullmatch(text)
    return None if match is None else Money(int(match[1] + (match[2] or "").ljust(2, "0")))


def pairs_of(listed: object, *, name: str) -> dict[str, object]:
    """Values by name: order and number vary, some come without a value, one alone as an object."""
    items = [listed] if isinstance(listed, dict) else listed if isinstance(listed, list) else []
    return {
        item[name]: item.get("Value")
        for item in items
        if isinstance(item, dict) and isinstance(item.get(name), str)
    }


def parameters_of(result: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a result, by key; of a key that stands twice, the last."""
    match result.get("ResultParameters"):
        case {"ResultParameter": listed}:
            return pairs_of(listed, name="Key")
        case _:
            return {}
