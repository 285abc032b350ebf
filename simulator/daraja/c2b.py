"""Payments to the paybill that people make from their phones, and the word of them."""

import hashlib
import json
from dataclasses import dataclass
from functools import partial

from simulator.clock import Clock, daraja_timestamp
from simulator.config import Config
from simulator.daraja import sms_words
from simulator.daraja.books import OWNER, Books, Movement, of_push
from simulator.daraja.c2b_urls import COMPLETED, C2bRegister, C2bUrls
from simulator.daraja.callbacks import Callbacks, Way
from simulator.daraja.refusals import GATEWAY_PAGE
from simulator.daraja.transactions import Debit
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.handsets import DAILY_LIMIT_KES, Handset, Handsets
from simulator.identifiers import Identifiers
from simulator.settings import Settings

AFTER_HOURS_SECONDS = 6 * 3600.0
# A push's own callback is asked for in the same moment, and leaves first.
A_MOMENT_SECONDS = 0.001
ACCEPTED_CODE = "0"
# What M-Pesa makes of a validation that refuses without a code of its own (daraja.md §5.1).
REFUSED_CODE = "C2B00016"

_WHEN_PUSHED = frozenset(
    {
        "drop",
        "delay",
        "duplicate",
        "before_stk_callback",
        "after_hours",
        "wrong_amount",
        "missing_item",
        "html",
    }
)
_WHEN_PAID = (_WHEN_PUSHED - {"before_stk_callback"}) | {"forged"}


class CannotPayError(Exception):
    """The phone cannot make this payment now."""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaybillPayment:
    """What came of a payment; only a paid one has its receipt in the journal."""

    receipt: str
    paid: bool
    result_code: str

    def as_json(self) -> dict[str, object]:
        """Return the outcome as scripts read it."""
        return {"receipt": self.receipt, "paid": self.paid, "result_code": self.result_code}


class C2b:
    """Moves money from phones to the paybill, and tells the organisation."""

    def __init__(
        self,
        *,
        config: Config,
        clock: Clock,
        identifiers: Identifiers,
        settings: Settings,
        faults: Faults,
        handsets: Handsets,
        books: Books,
        register: C2bRegister,
        callbacks: Callbacks,
        deliveries: Deliveries,
    ) -> None:
        self._config = config
        self._clock = clock
        self._identifiers = identifiers
        self._settings = settings
        self._faults = faults
        self._handsets = handsets
        self._books = books
        self._register = register
        self._callbacks = callbacks
        self._deliveries = deliveries

    def pay(self, handset: Handset, *, paybill: str, amount: int, account: str) -> PaybillPayment:
        """Pay the paybill; the amount is in whole shillings. Raises CannotPayError.

        Where validation is on, the organisation is asked first, on the calling thread.
        """
        if paybill != self._config.mpesa_shortcode:
            raise CannotPayError(f"there is no paybill {paybill}")
        self._check_balance(handset, amount)
        now = self._clock.now()
        payment = Movement(
            kind="c2b",
            receipt=self._identifiers.receipt(moment=now),
            phone=handset.phone,
            amount=amount,
            at=now,
            account_reference=account,
        )
        code = self._validate(payment)
        if code != ACCEPTED_CODE:
            return PaybillPayment(receipt=payment.receipt, paid=False, result_code=code)
        fault = self._fault(_WHEN_PAID)
        forged = fault is not None and fault.name == "forged"
        if not forged:
            self._collect(handset, payment)
        self._confirm(payment, fault, after_seconds=0)
        return PaybillPayment(receipt=payment.receipt, paid=not forged, result_code=code)

    def confirm_push(self, debit: Debit) -> None:
        """Tell the organisation of a paid push as of any payment, where that is switched on."""
        if self._settings.c2b_for_stk:
            fault = self._fault(_WHEN_PUSHED)
            self._confirm(of_push(debit), fault, after_seconds=A_MOMENT_SECONDS)

    def _fault(self, able: frozenset[str]) -> Fault | None:
        # Where nobody hears of payments, nothing can go wrong with the word of them.
        return self._faults.take("c2b", among=able) if self._register.current() else None

    def _check_balance(self, handset: Handset, amount: int) -> None:
        with self._handsets.lock:
            if amount > handset.mpesa_balance:
                raise CannotPayError("the M-Pesa balance is insufficient")
            if handset.spent_today() + amount > DAILY_LIMIT_KES:
                raise CannotPayError("that would exceed M-Pesa's daily limit")

    def _collect(self, handset: Handset, payment: Movement) -> None:
        with self._handsets.lock:
            # The balance may have gone while the organisation was asked.
            self._check_balance(handset, payment.amount)
            handset.spend(payment.amount)
            self._books.collect(payment)
            words = sms_words.paid(
                receipt=payment.receipt,
                amount=payment.amount,
                business=self._config.at_sender_id,
                account=payment.account_reference or "",
                moment=payment.at,
                balance=handset.mpesa_balance,
            )
            handset.receive(sender="MPESA", text=words)

    def _validate(self, payment: Movement) -> str:
        urls = self._register.current()
        if urls is None or not self._settings.c2b_validation:
            return ACCEPTED_CODE
        reply = self._callbacks.ask(
            urls.validation,
            json.dumps(self._body(payment, urls, balance="")),
            timeout_seconds=self._settings.c2b_validation_seconds,
        )
        try:
            code = str(json.loads(reply.text)["ResultCode"])
        except (ValueError, LookupError, TypeError):
            # No answer in time, or none that can be read: what was registered for that case.
            return ACCEPTED_CODE if urls.response_type == COMPLETED else REFUSED_CODE
        return code

    def _confirm(self, payment: Movement, fault: Fault | None, *, after_seconds: float) -> None:
        urls = self._register.current()
        if urls is None:
            return
        delay = self._settings.callback_delay_seconds + after_seconds
        way: Way = "once"
        match fault.name if fault else None:
            case "drop":
                way = "drop"
            case "duplicate":
                way = "duplicate"
            case "delay":
                delay = fault.seconds if fault else delay
            case "after_hours":
                delay = AFTER_HOURS_SECONDS
            case "before_stk_callback":
                delay = 0
            case _:
                pass
        body = self._body(payment, urls, balance=f"{self._books.paybill_balance()}.00")
        text = _misworded(body, fault)
        post = partial(self._callbacks.post, urls.confirmation, text, way=way)
        if fault is not None:
            post = partial(post, copies=fault.copies)
        self._deliveries.deliver(post, after_seconds=delay)

    def _body(self, payment: Movement, urls: C2bUrls, *, balance: str) -> dict[str, str]:
        return {
            "TransactionType": "Pay Bill",
            "TransID": payment.receipt,
            "TransTime": daraja_timestamp(payment.at),
            "TransAmount": f"{payment.amount}.00",
            "BusinessShortCode": self._config.mpesa_shortcode,
            "BillRefNumber": payment.account_reference or "",
            "InvoiceNumber": "",
            "OrgAccountBalance": balance,
            "ThirdPartyTransID": "",
            "MSISDN": _hidden(payment.phone, version=urls.version),
            "FirstName": OWNER.split()[0],
            "MiddleName": "",
            "LastName": "",
        }


def _hidden(phone: str, *, version: int) -> str:
    number = phone.removeprefix("+")
    if version == 1:
        return hashlib.sha256(number.encode()).hexdigest()
    return f"{number[:4]} ***** {number[-3:]}"


def _misworded(body: dict[str, str], fault: Fault | None) -> str:
    match fault.name if fault else None:
        case "wrong_amount":
            body["TransAmount"] = f"{float(body['TransAmount']) + 1:.2f}"
        case "missing_item":
            del body["BillRefNumber"]
        case "html":
            return GATEWAY_PAGE
        case _:
            pass
    return json.dumps(body)
