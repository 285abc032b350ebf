"""Pushes that Daraja accepted, and the money that they moved."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.daraja.push_rules import PushOrder
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers, checkout_request_id


@dataclass(frozen=True, slots=True)
class Result:
    """How a transaction ended: Daraja's code, its words in the callback and in the query."""

    code: int
    callback_words: str
    query_words: str


SUCCESS_WORDS = "The service request is processed successfully."
SUCCESS = Result(0, SUCCESS_WORDS, SUCCESS_WORDS)
INSUFFICIENT = Result(
    1,
    "The balance is insufficient for the transaction.",
    "The balance is insufficient for the transaction.",
)
CANCELLED = Result(1032, "Request Cancelled by user", "Request cancelled by user")
WRONG_PIN = Result(
    2001, "The initiator information is invalid.", "The initiator information is invalid."
)
# The same code has other prose in the callback than in the query (observed).
NO_ANSWER = Result(1037, "No response from user.", "DS timeout user cannot be reached.")
UNREACHABLE = Result(
    1037, "DS timeout user cannot be reached", "DS timeout user cannot be reached."
)


@dataclass(eq=False, kw_only=True, slots=True)
class Transaction:
    """One accepted push; `result` is None while it is in flight."""

    order: PushOrder
    accepted_at: datetime
    checkout_request_id: str
    merchant_request_id: str
    result: Result | None = None
    receipt: str | None = None
    paid_at: datetime | None = None

    def as_json(self) -> dict[str, object]:
        """Return the push as scripts read it."""
        return {
            "checkout_request_id": self.checkout_request_id,
            "merchant_request_id": self.merchant_request_id,
            "phone": self.order.phone,
            "amount": self.order.amount,
            "account_reference": self.order.account_reference,
            "description": self.order.description,
            "callback_url": self.order.callback_url,
            "accepted_at": self.accepted_at.isoformat(timespec="milliseconds"),
            "result_code": self.result.code if self.result else None,
            "receipt": self.receipt,
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class Debit:
    """Money that left a phone's wallet, in whole shillings."""

    receipt: str
    phone: str
    amount: int
    account_reference: str
    checkout_request_id: str
    at: datetime

    def as_json(self) -> dict[str, object]:
        """Return the debit as scripts read it."""
        return {
            "receipt": self.receipt,
            "phone": self.phone,
            "amount": self.amount,
            "account_reference": self.account_reference,
            "checkout_request_id": self.checkout_request_id,
            "at": self.at.isoformat(timespec="milliseconds"),
        }


class Transactions:
    """All accepted pushes and the journal of what they took; guarded by the phones' lock."""

    def __init__(self, *, handsets: Handsets, identifiers: Identifiers) -> None:
        self._identifiers = identifiers
        self._lock = handsets.lock
        self._by_id: dict[str, Transaction] = {}
        self._journal: list[Debit] = []

    def accept(self, order: PushOrder, *, moment: datetime) -> Transaction | None:
        """Record a push; None while another one of the same phone is in flight."""
        with self._lock:
            if any(
                known.result is None and known.order.phone == order.phone
                for known in self._by_id.values()
            ):
                return None
            transaction = Transaction(
                order=order,
                accepted_at=moment,
                checkout_request_id=self._free_id(order, moment=moment),
                merchant_request_id=self._identifiers.request_id(),
            )
            self._by_id[transaction.checkout_request_id] = transaction
            return transaction

    def find(self, checkout_id: str) -> Transaction | None:
        """Return the transaction of an id."""
        with self._lock:
            return self._by_id.get(checkout_id)

    def debit(self, entry: Debit) -> None:
        """Write money that left a wallet into the journal."""
        with self._lock:
            self._journal.append(entry)

    def everything(self) -> list[Transaction]:
        """Return all transactions, oldest first."""
        with self._lock:
            return list(self._by_id.values())

    def journal(self) -> list[Debit]:
        """Return all debits, oldest first."""
        with self._lock:
            return list(self._journal)

    def clear(self) -> None:
        """Forget all transactions and debits."""
        with self._lock:
            self._by_id.clear()
            self._journal.clear()

    def _free_id(self, order: PushOrder, *, moment: datetime) -> str:
        # By a standing clock two pushes of one phone can fall into the same millisecond.
        while (free := checkout_request_id(moment=moment, phone=order.phone)) in self._by_id:
            moment += timedelta(milliseconds=1)
        return free
