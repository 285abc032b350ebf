"""What M-Pesa remembers of a payment of any kind, for whoever asks after it."""

from dataclasses import dataclass
from datetime import datetime

from simulator.config import Config
from simulator.daraja.books import OWNER, Books, Movement
from simulator.daraja.payouts import Payout, Payouts
from simulator.daraja.reversals import Reversal, Reversals
from simulator.daraja.tariff import b2c_charge
from simulator.daraja.transactions import Transaction, Transactions


@dataclass(frozen=True, kw_only=True, slots=True)
class Record:
    """One payment as Transaction Status tells it; the amounts are in whole shillings."""

    receipt: str
    debit_party: str
    credit_party: str
    amount: int
    status: str
    reason: str
    initiated_at: datetime
    finalised_at: datetime | None
    originator_conversation_id: str
    conversation_id: str
    charge: int = 0


# daraja.md §5.3: final are Completed, Cancelled, Declined and Expired.
_STK_STATUS: dict[int | str, str] = {
    0: "Completed",
    1032: "Cancelled",
    1037: "Expired",
    1019: "Expired",
}


class Archive:
    """Finds payments by their receipt, by the caller's id, or by M-Pesa's id."""

    def __init__(
        self,
        *,
        config: Config,
        transactions: Transactions,
        books: Books,
        payouts: Payouts,
        reversals: Reversals,
    ) -> None:
        self._paybill = f"{config.mpesa_shortcode} - {config.at_sender_id}"
        self._payer = f"{config.mpesa_b2c_shortcode} - {config.at_sender_id}"
        self._transactions = transactions
        self._books = books
        self._payouts = payouts
        self._reversals = reversals

    def find(self, reference: str) -> Record | None:
        """Return what is known under a reference; None where nothing is."""
        payout = self._payouts.find(reference)
        if payout is not None:
            return self._of_payout(payout)
        reversal = self._reversals.find(reference)
        if reversal is not None:
            return self._of_reversal(reversal)
        for push in self._transactions.everything():
            if reference in (push.receipt, push.merchant_request_id, push.checkout_request_id):
                return self._of_push(push)
        paid = self._books.find_paid(reference)
        return self._of_c2b(paid) if paid is not None else None

    def _of_payout(self, payout: Payout) -> Record:
        return Record(
            receipt=payout.receipt,
            debit_party=self._payer,
            credit_party=_person(payout.order.phone),
            amount=payout.order.amount,
            status=payout.status,
            reason="Business Payment to Customer via API",
            initiated_at=payout.accepted_at,
            finalised_at=payout.accepted_at,
            originator_conversation_id=payout.conversation.originator_conversation_id,
            conversation_id=payout.conversation.conversation_id,
            charge=b2c_charge(payout.order.amount) if payout.paid else 0,
        )

    def _of_reversal(self, reversal: Reversal) -> Record:
        return Record(
            receipt=reversal.receipt,
            debit_party=self._paybill,
            credit_party=_person(reversal.phone),
            amount=reversal.amount,
            status="Completed" if reversal.failure is None else "Declined",
            reason="Transaction Reversal via API",
            initiated_at=reversal.accepted_at,
            finalised_at=reversal.accepted_at,
            originator_conversation_id=reversal.conversation.originator_conversation_id,
            conversation_id=reversal.conversation.conversation_id,
        )

    def _of_push(self, push: Transaction) -> Record:
        code = push.result.code if push.result else None
        return Record(
            receipt=push.receipt or "",
            debit_party=_person(push.order.phone),
            credit_party=self._paybill,
            amount=push.order.amount,
            status="Initiated" if code is None else _STK_STATUS.get(code, "Declined"),
            reason="Pay Bill Online",
            initiated_at=push.accepted_at,
            finalised_at=push.paid_at,
            originator_conversation_id=push.merchant_request_id,
            conversation_id=push.checkout_request_id,
        )

    def _of_c2b(self, paid: Movement) -> Record:
        return Record(
            receipt=paid.receipt,
            debit_party=_person(paid.phone),
            credit_party=self._paybill,
            amount=paid.amount,
            status="Completed",
            reason="Pay Bill",
            initiated_at=paid.at,
            finalised_at=paid.at,
            originator_conversation_id="",
            conversation_id="",
        )


def _person(phone: str) -> str:
    return f"{phone.removeprefix('+')} - {OWNER}"
