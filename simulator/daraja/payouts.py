"""Payments to customers that M-Pesa accepted, and what became of each."""

from dataclasses import dataclass
from datetime import datetime

from simulator.config import Config
from simulator.daraja import sms_words
from simulator.daraja.b2c_rules import (
    FLOAT_TOO_LOW,
    INITIATOR_INVALID,
    NOT_REGISTERED,
    OVER_BALANCE,
    OVER_DAILY_LIMIT,
    Failure,
    PayoutOrder,
)
from simulator.daraja.books import OWNER, Books, Movement
from simulator.daraja.conversations import SUCCESS_WORDS, Conversation, Outcome
from simulator.handsets import DAILY_LIMIT_KES, LARGEST_BALANCE_KES, Handset, Handsets
from simulator.identifiers import Identifiers


@dataclass(eq=False, kw_only=True, slots=True)
class Payout:
    """One accepted payment; M-Pesa gives it a receipt even where it fails (official sample)."""

    order: PayoutOrder
    conversation: Conversation
    accepted_at: datetime
    receipt: str
    paid: bool = False
    failure: Failure | None = None

    @property
    def status(self) -> str:
        """Return the TransactionStatus of the payment."""
        if self.paid:
            return "Completed"
        return self.failure.status if self.failure else "Initiated"

    def as_json(self) -> dict[str, object]:
        """Return the payment as scripts read it."""
        return {
            "originator_conversation_id": self.conversation.originator_conversation_id,
            "conversation_id": self.conversation.conversation_id,
            "phone": self.order.phone,
            "amount": self.order.amount,
            "command": self.order.command,
            "remarks": self.order.remarks,
            "result_url": self.conversation.result_url,
            "queue_timeout_url": self.conversation.timeout_url,
            "accepted_at": self.accepted_at.isoformat(timespec="milliseconds"),
            "receipt": self.receipt,
            "paid": self.paid,
            "status": self.status,
            "result_code": self.failure.code if self.failure else 0,
        }


class Payouts:
    """All accepted payments to customers; guarded by the phones' lock."""

    def __init__(
        self, *, config: Config, handsets: Handsets, books: Books, identifiers: Identifiers
    ) -> None:
        self._sender = f"{config.mpesa_b2c_shortcode} - {config.at_sender_id}"
        self._handsets = handsets
        self._books = books
        self._identifiers = identifiers
        self._by_caller_id: dict[str, Payout] = {}

    def accept(self, order: PayoutOrder, conversation: Conversation, *, moment: datetime) -> Payout:
        """Record a payment whose caller's id, as `find` has told, was never seen before."""
        with self._handsets.lock:
            payout = Payout(
                order=order,
                conversation=conversation,
                accepted_at=moment,
                receipt=self._identifiers.receipt(moment=moment),
            )
            self._by_caller_id[conversation.originator_conversation_id] = payout
            return payout

    def judge(self, payout: Payout) -> Failure | None:
        """Return which rule of M-Pesa forbids a payment now; None where it may be made."""
        with self._handsets.lock:
            order, handset = payout.order, self._handsets.get(payout.order.phone)
            received = self._books.received_on(order.phone, payout.accepted_at)
            rules = (
                (not order.trusted, INITIATOR_INVALID),
                (order.amount > self._books.utility_float(), FLOAT_TOO_LOW),
                (not handset.mpesa_registered, NOT_REGISTERED),
                (handset.mpesa_balance + order.amount > LARGEST_BALANCE_KES, OVER_BALANCE),
                (received + order.amount > DAILY_LIMIT_KES, OVER_DAILY_LIMIT),
            )
            return next((failure for broken, failure in rules if broken), None)

    def settle(self, payout: Payout, *, ordered: Failure | None) -> Outcome:
        """Pay, unless a failure is ordered or a rule of M-Pesa forbids it."""
        with self._handsets.lock:
            handset = self._handsets.get(payout.order.phone)
            payout.failure = ordered or self.judge(payout)
            if payout.failure is None:
                self._pay(payout, handset)
                return self._success(payout)
            failure = payout.failure
            return Outcome(code=failure.code, words=failure.words, receipt=payout.receipt)

    def find(self, reference: str) -> Payout | None:
        """Return the payment of a receipt, of the caller's id or of M-Pesa's id."""
        with self._handsets.lock:
            known = self._by_caller_id.get(reference)
            return known or next(
                (
                    payout
                    for payout in self._by_caller_id.values()
                    if reference in (payout.receipt, payout.conversation.conversation_id)
                ),
                None,
            )

    def everything(self) -> list[Payout]:
        """Return all payments, oldest first."""
        with self._handsets.lock:
            return list(self._by_caller_id.values())

    def clear(self) -> None:
        """Forget all payments, and with them the ids that callers have used."""
        with self._handsets.lock:
            self._by_caller_id.clear()

    def _pay(self, payout: Payout, handset: Handset) -> None:
        movement = Movement(
            kind="b2c",
            receipt=payout.receipt,
            phone=handset.phone,
            amount=payout.order.amount,
            at=payout.accepted_at,
            originator_conversation_id=payout.conversation.originator_conversation_id,
        )
        charge_receipt = self._identifiers.receipt(moment=payout.accepted_at)
        self._books.pay_out(handset, movement, charge_receipt=charge_receipt)
        payout.paid = True
        words = sms_words.received(
            receipt=payout.receipt,
            amount=movement.amount,
            sender=self._sender,
            moment=movement.at,
            balance=handset.mpesa_balance,
        )
        handset.receive(sender="MPESA", text=words)

    def _success(self, payout: Payout) -> Outcome:
        number = payout.order.phone.removeprefix("+")
        return Outcome(
            code=0,
            words=SUCCESS_WORDS,
            receipt=payout.receipt,
            parameters=(
                ("TransactionAmount", payout.order.amount),
                ("TransactionReceipt", payout.receipt),
                ("ReceiverPartyPublicName", f"{number} - {OWNER}"),
                ("TransactionCompletedDateTime", f"{payout.accepted_at:%d.%m.%Y %H:%M:%S}"),
                ("B2CUtilityAccountAvailableFunds", float(self._books.utility_float())),
                ("B2CWorkingAccountAvailableFunds", 0.0),
                ("B2CRecipientIsRegisteredCustomer", "Y"),
                ("B2CChargesPaidAccountAvailableFunds", float(self._books.charges_account())),
            ),
        )
