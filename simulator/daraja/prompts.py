"""The M-Pesa prompt: shown on a phone, answered by its owner, or left to run out."""

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.stk_callbacks import StkCallbacks
from simulator.daraja.transactions import (
    CANCELLED,
    INSUFFICIENT,
    NO_ANSWER,
    SUCCESS,
    UNREACHABLE,
    WRONG_PIN,
    Debit,
    Result,
    Transaction,
    Transactions,
)
from simulator.deliveries import Deliveries
from simulator.handsets import Answer, Handset, Handsets, Prompt
from simulator.identifiers import Identifiers
from simulator.settings import Settings


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
        handsets: Handsets,
        deliveries: Deliveries,
        transactions: Transactions,
        callbacks: StkCallbacks,
    ) -> None:
        self._business = config.at_sender_id
        self._clock = clock
        self._identifiers = identifiers
        self._settings = settings
        self._handsets = handsets
        self._deliveries = deliveries
        self._transactions = transactions
        self._callbacks = callbacks

    def arrive(self, transaction: Transaction) -> None:
        """Bring the prompt to its phone, where it is shown or answered as a script ordered."""
        with self._handsets.lock:
            handset = self._handsets.get(transaction.order.phone)
            if handset.in_session():
                # One USSD transaction a phone (3GPP TS 24.090): the prompt cannot be shown.
                self._conclude(transaction, UNREACHABLE)
                return
            match handset.take_answer():
                case Answer.ASK | Answer.IGNORE:
                    self._show(handset, transaction)
                case Answer.APPROVE:
                    self._pay(handset, transaction)
                case Answer.CANCEL:
                    self._conclude(transaction, CANCELLED)
                case Answer.WRONG_PIN:
                    self._conclude(transaction, WRONG_PIN)
                case Answer.INSUFFICIENT:
                    self._conclude(transaction, INSUFFICIENT)
                case Answer.OFFLINE:
                    self._deliveries.time_out(
                        lambda: self._lose(transaction),
                        after_seconds=self._settings.prompt_life_seconds,
                    )

    def enter_pin(self, handset: Handset, *, pin: str) -> Result:
        """Answer the prompt with a PIN. Raises NoPromptError."""
        with self._handsets.lock:
            transaction = self._take(handset)
            if pin != handset.mpesa_pin:
                return self._conclude(transaction, WRONG_PIN)
            return self._pay(handset, transaction)

    def cancel(self, handset: Handset) -> Result:
        """Press Cancel on the prompt. Raises NoPromptError."""
        with self._handsets.lock:
            return self._conclude(self._take(handset), CANCELLED)

    def run_out(self, handset: Handset) -> Result:
        """Let the prompt's life end now. Raises NoPromptError."""
        with self._handsets.lock:
            return self._conclude(self._take(handset), NO_ANSWER)

    def _show(self, handset: Handset, transaction: Transaction) -> None:
        life = self._deliveries.time_out(
            lambda: self._expire(handset, transaction),
            after_seconds=self._settings.prompt_life_seconds,
        )
        handset.prompt = Prompt(
            checkout_request_id=transaction.checkout_request_id,
            business=self._business,
            amount=transaction.order.amount,
            account=transaction.order.account_reference,
            life=life,
        )

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

    def _pay(self, handset: Handset, transaction: Transaction) -> Result:
        amount = transaction.order.amount
        if amount > handset.mpesa_balance:
            return self._conclude(transaction, INSUFFICIENT)
        handset.mpesa_balance -= amount
        transaction.paid_at = self._clock.now()
        transaction.receipt = self._identifiers.receipt(moment=transaction.paid_at)
        self._transactions.debit(
            Debit(
                receipt=transaction.receipt,
                phone=handset.phone,
                amount=amount,
                account_reference=transaction.order.account_reference,
                checkout_request_id=transaction.checkout_request_id,
                at=transaction.paid_at,
            )
        )
        handset.receive(sender="MPESA", text=self._confirmation(handset, transaction))
        return self._conclude(transaction, SUCCESS)

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
            transaction.result = result
            self._callbacks.schedule(transaction, result)
        return result
