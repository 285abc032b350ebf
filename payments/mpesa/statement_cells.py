"""What one cell of M-Pesa's statement means; whatever cannot be read is refused, not guessed."""

import re
from datetime import datetime
from typing import Final

from core.clock import NAIROBI
from core.money import Money
from core.paybill.rules import LONGEST_ACCOUNT
from core.statements.lines import LineKind
from payments.mpesa import fields

_LONGEST_TITLE: Final = 100
_AMOUNT: Final = re.compile(r"(-?)(\d{1,3}(?:,\d{3})*|\d{1,12})(?:\.(\d{1,2})0*)?", re.ASCII)
_MOMENTS: Final = ("%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%d/%m/%Y %H:%M")
_MOMENT: Final = re.compile(
    r"(?:\d{2}[-/]\d{2}[-/]\d{4}|\d{4}-\d{2}-\d{2})[ T]\d{2}:\d{2}(?::\d{2})?"
    r"(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})?",
    re.ASCII,
)
# `2547******126 - JOHN DOE`, `254712345678 - JANE DOE`, `0722926212 - CYNTHIA OMONDI`; C2B itself
# writes `2547 ***** 126` (daraja.md §5.1), the Pull API the nine digits alone.
_PHONE: Final = re.compile(r"(?:\+?254|0)?([17])(\d{5}|\d{0,5}\*+\d{0,5})(\d{3})", re.ASCII)
_ACCOUNT: Final = re.compile(r"\bAcc\.\s*(.*)$", re.DOTALL)
# What stands after the first of these is about the other party, who may have written it.
_TITLE_ENDS: Final = re.compile(r"\s+(?:from|to|of|by)\b|\s+-\s|\s*\bAcc\.", re.IGNORECASE)
_REVERSAL: Final = re.compile(r"\brevers", re.IGNORECASE)
_CHARGE: Final = re.compile(r"\b(?:charges?|fees?|tariff)\b", re.IGNORECASE)
_CUSTOMER_PAYS: Final = re.compile(
    r"\b(?:pay ?bill|pay utility|pay merchant|buy goods|customer payment)\b", re.IGNORECASE
)
_CUSTOMER_IS_PAID: Final = re.compile(r"\b(?:business|salary|promotion) payment\b", re.IGNORECASE)


class Unreadable(Exception):
    """A cell, or what several of them say together, makes no sense."""


def receipt_of(cell: str) -> str:
    """A receipt in capitals. Raises Unreadable."""
    receipt = fields.receipt_of(cell)
    if receipt is None:
        raise Unreadable(f"{cell[:20]!r} is no receipt number")
    return receipt


def amount_of(cell: str) -> Money:
    """Shillings with commas and cents, such as -1,000.00; nothing is nought. Raises Unreadable."""
    if not cell:
        return Money(0)
    match = _AMOUNT.fullmatch(cell)
    if match is None:
        raise Unreadable(f"{cell[:20]!r} is no amount")
    sign, shillings, cents = match.groups()
    amount = Money(int(shillings.replace(",", "")) * 100 + int((cents or "").ljust(2, "0")))
    return -amount if sign else amount


def moment_of(cell: str) -> datetime:
    """A moment, in East African Time where it names no zone. Raises Unreadable."""
    for form in _MOMENTS:
        try:
            return datetime.strptime(cell, form).replace(tzinfo=NAIROBI)
        except ValueError:
            continue
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError:
        raise Unreadable(f"{cell[:25]!r} is no time") from None
    if not _MOMENT.fullmatch(cell):
        raise Unreadable(f"{cell[:25]!r} is no time of day")
    return moment if moment.tzinfo else moment.replace(tzinfo=NAIROBI)


def moments_in(text: str) -> list[datetime]:
    """Every moment that stands in a text. Raises Unreadable for an impossible one."""
    return [moment_of(found[0]) for found in _MOMENT.finditer(text)]


def masked_party(cell: str) -> str | None:
    """The phone that a party begins with, `2547*****126`; None for an organisation.

    Names are left out: whom it concerns can be found by the receipt.
    """
    number, _, _name = cell.partition("-")
    phone = _PHONE.fullmatch("".join(number.split()))
    if phone is None:
        return None
    first, middle, last = phone.groups()
    return f"254{first}{middle if '*' in middle else '*****'}{last}"


def account_of(cell: str, details: str) -> str | None:
    """The account that the payer typed; from the details where it has no cell of its own."""
    typed = _ACCOUNT.search(details)
    account = cell or (typed[1].strip() if typed else "")
    return account.replace("\x00", "")[:LONGEST_ACCOUNT] or None


def title_of(reason: str, details: str) -> str:
    """What kind of movement it is, in M-Pesa's words, without the other party's."""
    end = _TITLE_ENDS.search(details)
    title = reason or (details[: end.start()] if end else details)
    return title.replace("\x00", "")[:_LONGEST_TITLE].strip()


def kind_of(title: str, *, paid_in: Money, withdrawn: Money, party: str | None) -> LineKind:
    """What a line says. A movement with a person's phone is that person's, whatever its title."""
    if _CHARGE.search(title):
        return LineKind.CHARGE
    if _REVERSAL.search(title):
        return LineKind.REVERSAL
    if paid_in and (party is not None or _CUSTOMER_PAYS.search(title)):
        return LineKind.PAID_IN
    if withdrawn and (party is not None or _CUSTOMER_IS_PAID.search(title)):
        return LineKind.PAID_OUT
    return LineKind.OTHER
