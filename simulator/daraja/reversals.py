"""Payments of customers that the organisation gave back, or tried to."""

from dataclasses import dataclass
from datetime import datetime

from simulator.clock import daraja_timestamp
from simulator.config import Config
from simulator.daraja import sms_words
from simulator.daraja.b2c_rules import INITIATOR_INVALID, Failure
from simulator.daraja.books import OWNER, Books, Movement
from simulator.daraja.conversations import SUCCESS_WORDS, Conversation, Outcome
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers

# daraja.md §5.4; the words of R000002 were captured from the sandbox on 2026-10-06.
ALREADY_REVERSED = Failure("R000001", "The transaction has already been reversed.")
UNKNOWN_ORIGINAL = Failure("R000002", "The OriginalTransactionID is invalid.")


@dataclass(frozen=True, kw_only=True, slots=True)
class ReversalOrder:
    """A reversal that passed every check of the gateway; the amount is in whole shillings."""

    original_receipt: str
    amount: int
    trusted: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Reversal:
    """One accepted reversal; `phone` is empty where it names no payment."""

    order: ReversalOrder
    conversation: Conversation
    accepted_at: datetime
    receipt: str
    phone: str
    amount: int
    failure: Failure | None


class Reversals:
    """All accepted reversals; guarded by the phones' lock."""

    def __init__(
        self, *, config: Config, handsets: Handsets, books: Books, identifiers: Identifiers
    ) -> None:
        self._organisation = f"{config.mpesa_shortcode} - {config.at_sender_id}"
        self._handsets = handsets
        self._books = books
        self._identifiers = identifiers
        self._all: list[Reversal] = []

    def settle(
        self,
        order: ReversalOrder,
        conversation: Conversation,
        *,
        moment: datetime,
        ordered: Failure | None,
    ) -> Outcome:
        """Give a payment back, unless a failure is ordered or a rule of M-Pesa forbids it."""
        with self._handsets.lock:
            # Only what customers paid can be taken back (daraja.md §5.4).
            original = self._books.find_paid(order.original_receipt)
            reversal = Reversal(
                order=order,
                conversation=conversation,
                accepted_at=moment,
                receipt=self._identifiers.receipt(moment=moment),
                phone=original.phone if original else "",
                amount=order.amount,
                failure=ordered or self._judge(order, original),
            )
            self._all.append(reversal)
            if reversal.failure is None:
                self._give_back(reversal)
                return self._success(reversal)
            failure = reversal.failure
            return Outcome(code=failure.code, words=failure.words, receipt=reversal.receipt)

    def find(self, reference: str) -> Reversal | None:
        """Return the reversal of its own receipt, of the caller's id or of M-Pesa's id."""
        with self._handsets.lock:
            return next(
                (
                    reversal
                    for reversal in self._all
                    if reference
                    in (
                        reversal.receipt,
                        reversal.conversation.originator_conversation_id,
                        reversal.conversation.conversation_id,
                    )
                ),
                None,
            )

    def clear(self) -> None:
        """Forget all reversals."""
        with self._handsets.lock:
            self._all.clear()

    def _judge(self, order: ReversalOrder, original: Movement | None) -> Failure | None:
        if not order.trusted:
            return INITIATOR_INVALID
        if original is None or original.amount != order.amount:
            return UNKNOWN_ORIGINAL
        if self._books.is_reversed(original.receipt):
            return ALREADY_REVERSED
        return None

    def _give_back(self, reversal: Reversal) -> None:
        handset = self._handsets.get(reversal.phone)
        movement = Movement(
            kind="reversal",
            receipt=reversal.receipt,
            phone=reversal.phone,
            amount=reversal.amount,
            at=reversal.accepted_at,
            linked_receipt=reversal.order.original_receipt,
        )
        self._books.give_back(handset, movement)
        words = sms_words.given_back(
            receipt=reversal.receipt,
            original=reversal.order.original_receipt,
            amount=reversal.amount,
            moment=reversal.accepted_at,
            balance=handset.mpesa_balance,
        )
        handset.receive(sender="MPESA", text=words)

    def _success(self, reversal: Reversal) -> Outcome:
        balance = self._books.paybill_balance()
        number = reversal.phone.removeprefix("+")
        return Outcome(
            code=0,
            words=SUCCESS_WORDS,
            receipt=reversal.receipt,
            parameters=(
                ("DebitAccountBalance", f"Utility Account|KES|{balance}.00|{balance}.00|0.00|0.00"),
                ("Amount", reversal.amount),
                ("TransCompletedTime", int(daraja_timestamp(reversal.accepted_at))),
                ("OriginalTransactionID", reversal.order.original_receipt),
                ("Charge", 0),
                ("CreditPartyPublicName", f"{number} - {OWNER}"),
                ("DebitPartyPublicName", self._organisation),
            ),
        )
