"""What kinds of SMS there are: whether a player may refuse them, and how soon each must go."""

from enum import StrEnum
from typing import Final, NamedTuple

from core.outbox.records import BACKGROUND, BULK, NORMAL, URGENT


class Sort(StrEnum):
    """What an SMS is to its reader. Only news is not asked for, and only news can be refused."""

    CODE = "code"
    RECEIPT = "receipt"
    WARNING = "warning"
    ANSWER = "answer"
    STAFF = "staff"
    NEWS = "news"


class Kind(NamedTuple):
    """The sort of a kind, and its place in the queue: the lower priority goes first."""

    sort: Sort
    priority: int


CODE: Final = "code"
ANSWER: Final = "answer"

_RECEIPT: Final = Kind(Sort.RECEIPT, NORMAL)
# A market pays its winners by the thousand: whoever waits at a till goes first.
_BULK_RECEIPT: Final = Kind(Sort.RECEIPT, BULK)
_NEWS: Final = Kind(Sort.NEWS, BACKGROUND)

KINDS: Final = {
    CODE: Kind(Sort.CODE, URGENT),
    "alarm": Kind(Sort.STAFF, URGENT),
    "account_closed": Kind(Sort.WARNING, URGENT),
    "account_locked": Kind(Sort.WARNING, URGENT),
    "account_unlocked": Kind(Sort.WARNING, URGENT),
    "pin_changed": Kind(Sort.WARNING, URGENT),
    "pin_thrown_away": Kind(Sort.WARNING, URGENT),
    ANSWER: Kind(Sort.ANSWER, NORMAL),
    "dispute_ruled": Kind(Sort.ANSWER, NORMAL),
    "head": Kind(Sort.STAFF, NORMAL),
    "bet_cancelled": _RECEIPT,
    "bet_placed": _RECEIPT,
    "debt_repaid": _RECEIPT,
    "deposit_failed": _RECEIPT,
    "deposit_received": _RECEIPT,
    "deposit_reversed": _RECEIPT,
    "deposit_unknown": _RECEIPT,
    "paybill_held": _RECEIPT,
    "paybill_received": _RECEIPT,
    "withdrawal_cancelled": _RECEIPT,
    "withdrawal_failed": _RECEIPT,
    "withdrawal_looked_at": _RECEIPT,
    "withdrawal_paid": _RECEIPT,
    "withdrawal_paid_late": _RECEIPT,
    "withdrawal_refused": _RECEIPT,
    "withdrawal_waits": _RECEIPT,
    "bets_corrected": _BULK_RECEIPT,
    "bets_settled": _BULK_RECEIPT,
    "market_closed": _NEWS,
    "market_moved": _NEWS,
    "market_result": _NEWS,
    "result_proposed": _NEWS,
}


def kind_named(name: str) -> Kind:
    """The kind with this name. One of another release counts as a receipt."""
    return KINDS.get(name, _RECEIPT)


def is_news(kind: str) -> bool:
    """Whether nobody asked for an SMS of this kind: it can be refused, and has quiet hours."""
    return kind_named(kind).sort is Sort.NEWS
