"""What somebody types, or pastes, to find a payment."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from core.clock import in_nairobi
from core.deposits.request_deposit import REFERENCE_LENGTH
from core.ledger.reference import ALPHABET, LENGTH
from core.money import Money
from core.money_input import NotAnAmount, parse_whole_shillings
from core.phone import InvalidPhone, parse_phone

LONGEST: Final = 500
# A pasted SMS has a receipt and a reference; more words than these are a letter.
MOST_NAMES: Final = 20
_WORD: Final = re.compile(r"[A-Z0-9]+", re.ASCII)
# As M-Pesa writes them; its own have ten characters (core.provider.receipts).
_RECEIPT: Final = re.compile(r"[A-Z0-9]{6,20}", re.ASCII)
_AMOUNT: Final = re.compile(r"((?:k(?:es|sh)\.?\s*)?[\d,]+)(?:\s+(?:on\s+)?(.+))?", re.IGNORECASE)
# A receipt's reference, and the one that the prompt of a deposit shows.
_LENGTHS: Final = (LENGTH, REFERENCE_LENGTH)
_DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d/%m/%y", "%d %b %Y", "%d %B %Y")
_DAYS_OF_YEAR: Final = ("%d/%m %Y", "%d %b %Y", "%d %B %Y")


@dataclass(frozen=True)
class SearchWords:
    """What the words may mean; a word can be a receipt and a reference at once."""

    phone: str | None = None
    receipts: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    amount: Money | None = None
    day: date | None = None

    @property
    def names_one(self) -> bool:
        """Whether they name a payment, and not a person or an amount."""
        return bool(self.receipts or self.references)


def read_search(raw: str, *, now: datetime) -> SearchWords | None:
    """A phone however it is spelled, an amount with its day, or receipts and references.

    The last also out of the midst of an SMS. `500` alone is of any day. None where it is nothing of
    these; never raises.
    """
    text = " ".join(raw[:LONGEST].split())
    try:
        return SearchWords(phone=parse_phone(text))
    except InvalidPhone:
        return _amount(text, in_nairobi(now).date()) or _names(text)


def _amount(text: str, today: date) -> SearchWords | None:
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    try:
        amount = parse_whole_shillings(re.sub(r"(?i)ksh\.?|kes\.?", "", match[1]))
    except NotAnAmount:
        return None
    if match[2] is None:
        return SearchWords(amount=amount)
    day = _day(match[2].lower(), today)
    return None if day is None else SearchWords(amount=amount, day=day)


def _day(typed: str, today: date) -> date | None:
    if typed in {"today", "yesterday"}:
        return today - timedelta(days=typed == "yesterday")
    whole = _read_day(typed, _DAYS)
    if whole is not None:
        return whole
    # Without a year it is the last such day.
    for year in (today.year, today.year - 1):
        day = _read_day(f"{typed} {year}", _DAYS_OF_YEAR)
        if day is not None and day <= today:
            return day
    return None


def _read_day(typed: str, forms: tuple[str, ...]) -> date | None:
    for form in forms:
        try:
            return datetime.strptime(typed, form).date()  # noqa: DTZ007 - a day, no moment
        except ValueError:
            continue
    return None


def _names(text: str) -> SearchWords | None:
    words = list(dict.fromkeys(_WORD.findall(text.upper())))[:MOST_NAMES]
    alone = len(words) == 1
    receipts = [word for word in words if _RECEIPT.fullmatch(word) and (alone or _mixed(word))]
    # An SMS of M-Pesa begins with its receipt, and some have no digit.
    if words[1:2] == ["CONFIRMED"] and _RECEIPT.fullmatch(words[0]):
        receipts = list(dict.fromkeys([words[0], *receipts]))
    references = [word for word in words if len(word) in _LENGTHS and set(word) <= set(ALPHABET)]
    if not receipts and not references:
        return None
    return SearchWords(receipts=tuple(receipts), references=tuple(references))


def _mixed(word: str) -> bool:
    """Words of a sentence have no digits, and its amounts and phones no letters."""
    return not word.isalpha() and not word.isdigit()
