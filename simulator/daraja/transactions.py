"""Pushes that Daraja accepted, and the money that they moved."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from simulator.daraja.push_rules import PushOrder
from simulator.daraja.stk_results import Result
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers, checkout_request_id
from simulator.settings import Settings


@dataclass(eq=False, kw_only=True, slots=True)
class Transaction:
    """One accepted push; `result` is None while it is in flight."""

    order: PushOrder
    accepted_at: datetime
    checkout_request_id: str
    merchant_request_id: str
    result: Result | None = None
    concluded_at: datetime | None = None
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
            "kind": "stk",
            "receipt": self.receipt,
            "phone": self.phone,
            "amount": self.amount,
            "account_reference": self.account_reference,
            "checkout_request_id": self.checkout_request_id,
            "at": self.at.isoformat(timespec="milliseconds"),
        }


class Transactions:
    """All accepted pushes and the journal of what they took; guarded by the phones' lock."""

    def __init__(self, *, settings: Settings, handsets: Handsets, identifiers: Identifiers) -> None:
        self._settings = settings
        self._identifiers = identifiers
        self._lock = handsets.lock
        self._by_id: dict[str, Transaction] = {}
        self._latest: dict[str, Transaction] = {}
        self._last_paid: dict[tuple[str, int], datetime] = {}
        self._journal: list[Debit] = []
        self._listeners: list[Callable[[Debit], None]] = []

    def accept(self, order: PushOrder, *, moment: datetime) -> Transaction | None:
        """Record a push; None while the phone is locked by another one."""
        with self._lock:
            if self.locks(order.phone, moment=moment):
                return None
            transaction = Transaction(
                order=order,
                accepted_at=moment,
                checkout_request_id=self._free_id(order, moment=moment),
                merchant_request_id=self._identifiers.request_id(),
            )
            self._by_id[transaction.checkout_request_id] = transaction
            self._latest[order.phone] = transaction
            return transaction

    def locks(self, phone: str, *, moment: datetime) -> bool:
        """Tell whether a push to the phone is in flight, or ended within the lock's time."""
        with self._lock:
            latest = self._latest.get(phone)
            if latest is None:
                return False
            if latest.concluded_at is None:
                return True
            lock = timedelta(seconds=self._settings.subscriber_lock_seconds)
            return moment < latest.concluded_at + lock

    def breaks_rule_17(self, order: PushOrder, *, moment: datetime) -> bool:
        """Tell whether the phone has just paid the same amount (official: within 2 minutes)."""
        with self._lock:
            paid_at = self._last_paid.get((order.phone, order.amount))
            window = timedelta(seconds=self._settings.same_amount_seconds)
            return paid_at is not None and moment < paid_at + window

    def find(self, checkout_id: str) -> Transaction | None:
        """Return the transaction of an id."""
        with self._lock:
            return self._by_id.get(checkout_id)

    def debit(self, entry: Debit) -> None:
        """Write money that left a wallet into the journal."""
        with self._lock:
            self._journal.append(entry)
            self._last_paid[entry.phone, entry.amount] = entry.at
            for listener in self._listeners:
                listener(entry)

    def tell_of_debits(self, listener: Callable[[Debit], None]) -> None:
        """Call a listener with each debit from now on; it may not go over the network."""
        self._listeners.append(listener)

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
            self._latest.clear()
            self._last_paid.clear()
            self._journal.clear()

    def _free_id(self, order: PushOrder, *, moment: datetime) -> str:
        # By a standing clock two pushes of one phone can fall into the same millisecond.
        while (free := checkout_request_id(moment=moment, phone=order.phone)) in self._by_id:
            moment += timedelta(milliseconds=1)
        return free
