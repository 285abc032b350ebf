"""The M-Pesa prompt: shown on a phone, answered by its owner, or left to run out."""

from functools import partial

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.stk_callbacks import StkCallbacks
from simulator.daraja.stk_results import (
    BAD_RECEIVER,
    CANCELLED,
    DAILY_LIMIT,
    INSUFFICIENT,
    LOCKED,
    NO_ANSWER,
    NOT_SENT,
    ORDERED,
    PIN_LOCKED,
    RULE_LIMITED,
    SUCCESS,
    UNREACHABLE,
    WRONG_PIN,
    Result,
)
from simulator.daraja.transactions import Debit, Transaction, Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Faults
from simulator.handsets import DAILY_LIMIT_KES, Answer, Handset, Handsets, Prompt
from simulator.identifiers import Identifiers
from simulator.settings import Settings

# Longer prompts are not sent (official, code 1025).
LONGEST_PROMPT = 182


class NoPromptError(Exception):
    """The phone shows no M-Pesa prompt."""


class Prompts:
    """Brings prompts to phones and takes their answers."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        identifiers: Identifiers,
        settings: Settings,
        faults: Faults,
        handsets: Handsets,
        deliveries: Deliveries,
        transactions: Transactions,
        callbacks: StkCallbacks,
    ) -> None:
        self._business = config.at_sender_id
        self._shortcode = config.mpesa_shortcode
        self._clock = clock
        self._identifiers = identifiers
        self._settings = settings
        self._faults = faults
        self._handsets = handsets
        self._deliveries = deliveries
        self._transactions = transactions
        self._callbacks = callbacks

    def arrive(self, transaction: Transaction) -> None:
        """Bring the prompt to its phone, where it is shown or answered as a script ordered."""
        with self._handsets.lock:
            handset = self._handsets.get(transaction.order.phone)
            obstacle = self._obstacle(handset, transaction)
            if obstacle is not None:
                self._conclude(transaction, obstacle)
                return
            match handset.take_answer():
                case Answer.ASK | Answer.IGNORE:
                    self._show(handset, transaction)
                case Answer.OFFLINE:
                    self._deliveries.time_out(
                        partial(self._lose, transaction),
                        after_seconds=self._settings.prompt_life_seconds,
                    )
                case Answer.BUSY:
                    self._conclude(transaction, LOCKED)
                case answer if handset.answer_after_seconds:
                    self._show(handset, transaction)
                    self._deliveries.deliver(
                        partial(self._answer_late, handset, transaction, answer),
                        after_seconds=handset.answer_after_seconds,
                    )
                case answer:
                    self._conclude(transaction, self._outcome(handset, transaction, answer))

    def arrive_before_the_answer(self, transaction: Transaction) -> None:
        """Bring the prompt, have it answered at once, and post the callback before returning.

        A person who would have been asked approves.
        """
        with self._handsets.lock:
            handset = self._handsets.get(transaction.order.phone)
            result = self._obstacle(handset, transaction)
            if result is None:
                result = self._outcome(handset, transaction, handset.take_answer())
            self._end(transaction, result)
        self._callbacks.post_now(transaction, result)

    def enter_pin(self, handset: Handset, *, pin: str) -> Result:
        """Answer the prompt with a PIN. Raises NoPromptError."""
        with self._handsets.lock:
            transaction = self._take(handset)
            return self._conclude(transaction, self._try_pin(handset, transaction, pin))

    def cancel(self, handset: Handset) -> Result:
        """Press Cancel on the prompt. Raises NoPromptError."""
        with self._handsets.lock:
            return self._conclude(self._take(handset), CANCELLED)

    def run_out(self, handset: Handset) -> Result:
        """Let the prompt's life end now. Raises NoPromptError."""
        with self._handsets.lock:
            return self._conclude(self._take(handset), NO_ANSWER)

    def _obstacle(self, handset: Handset, transaction: Transaction) -> Result | None:
        """Return how the push ends before its prompt is shown; None where it can be."""
        order = transaction.order
        fault = self._faults.take("prompt")
        if fault is not None:
            return ORDERED[fault.name]
        if order.receiver != self._shortcode:
            return BAD_RECEIVER
        if len(self._words(transaction)) > LONGEST_PROMPT:
            return NOT_SENT
        if self._transactions.breaks_rule_17(order, moment=self._clock.now()):
            return RULE_LIMITED
        # One USSD transaction a phone (3GPP TS 24.090): the prompt cannot be shown.
        return UNREACHABLE if handset.in_session() else None

    def _outcome(self, handset: Handset, transaction: Transaction, answer: Answer) -> Result:
        match answer:
            case Answer.ASK | Answer.APPROVE:
                return self._try_pin(handset, transaction, handset.mpesa_pin)
            case Answer.WRONG_PIN:
                return self._try_pin(handset, transaction, "")
            case Answer.CANCEL:
                return CANCELLED
            case Answer.INSUFFICIENT:
                return INSUFFICIENT
            case Answer.BUSY:
                return LOCKED
            case Answer.IGNORE:
                return NO_ANSWER
            case Answer.OFFLINE:
                return UNREACHABLE

    def _show(self, handset: Handset, transaction: Transaction) -> None:
        life = self._deliveries.time_out(
            partial(self._expire, handset, transaction),
            after_seconds=self._settings.prompt_life_seconds,
        )
        handset.prompt = Prompt(
            checkout_request_id=transaction.checkout_request_id,
            business=self._business,
            amount=transaction.order.amount,
            account=transaction.order.account_reference,
            life=life,
        )

    def _answer_late(self, handset: Handset, transaction: Transaction, answer: Answer) -> None:
        with self._handsets.lock:
            if transaction.result is None and not handset.in_session():
                self._take(handset)
                self._conclude(transaction, self._outcome(handset, transaction, answer))

    def _lose(self, transaction: Transaction) -> None:
        with self._handsets.lock:
            self._conclude(transaction, UNREACHABLE)

    def _expire(self, handset: Handset, transaction: Transaction) -> None:
        with self._handsets.lock:
            if transaction.result is None:
                handset.prompt = None
                self._conclude(transaction, NO_ANSWER)

    def _take(self, handset: Handset) -> Transaction:
        prompt = handset.prompt
        if prompt is None or handset.in_session():
            message = "this phone shows no M-Pesa prompt"
            raise NoPromptError(message)
        transaction = self._transactions.find(prompt.checkout_request_id)
        if transaction is None:
            message = "this prompt's transaction is gone"
            raise NoPromptError(message)
        handset.prompt = None
        prompt.life.cancel()
        return transaction

    def _try_pin(self, handset: Handset, transaction: Transaction, pin: str) -> Result:
        amount = transaction.order.amount
        if handset.pin_locked:
            return PIN_LOCKED
        if not handset.fits(pin):
            return WRONG_PIN
        if amount > handset.mpesa_balance:
            return INSUFFICIENT
        if handset.spent_today() + amount > DAILY_LIMIT_KES:
            return DAILY_LIMIT
        self._pay(handset, transaction)
        return SUCCESS

    def _pay(self, handset: Handset, transaction: Transaction) -> None:
        handset.spend(transaction.order.amount)
        transaction.paid_at = self._clock.now()
        transaction.receipt = self._identifiers.receipt(moment=transaction.paid_at)
        self._transactions.debit(
            Debit(
                receipt=transaction.receipt,
                phone=handset.phone,
                amount=transaction.order.amount,
                account_reference=transaction.order.account_reference,
                checkout_request_id=transaction.checkout_request_id,
                at=transaction.paid_at,
            )
        )
        handset.receive(sender="MPESA", text=self._confirmation(handset, transaction))

    def _words(self, transaction: Transaction) -> str:
        order = transaction.order
        return (
            f"Do you want to pay Ksh{order.amount:,}.00 to {self._business}"
            f" Account no. {order.account_reference}?"
        )

    def _confirmation(self, handset: Handset, transaction: Transaction) -> str:
        moment = transaction.paid_at or self._clock.now()
        clock = f"{moment:%I:%M %p}".removeprefix("0")
        return (
            f"{transaction.receipt} Confirmed. Ksh{transaction.order.amount:,}.00 paid to"
            f" {self._business} for account {transaction.order.account_reference}"
            f" on {moment.day}/{moment.month}/{moment:%y} at {clock}."
            f" New M-PESA balance is Ksh{handset.mpesa_balance:,}.00."
            " Transaction cost, Ksh0.00."
        )

    def _conclude(self, transaction: Transaction, result: Result) -> Result:
        if transaction.result is None:
            self._end(transaction, result)
            self._callbacks.schedule(transaction, result)
        return result

    def _end(self, transaction: Transaction, result: Result) -> None:
        transaction.result = result
        transaction.concluded_at = self._clock.now()
