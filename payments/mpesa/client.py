"""Speaks to Daraja: asks a phone to pay, pays one out, and asks what became of either."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from redis import Redis

from core.clock import in_nairobi
from core.deposits.answers import Answer
from core.money import Money
from core.settings import Settings
from payments.mpesa.access import Access
from payments.mpesa.fields import identifier_of, spell
from payments.mpesa.payout_results import proves_nothing
from payments.mpesa.results import SUCCESS, answer_of
from payments.mpesa.wire import TIMEOUT_SECONDS, PaymentRefused, PaymentUnknown, Wire

# At most 13 characters (daraja.md §2); called optional, but refused where it is missing (observed).
DESCRIPTION: Final = "Deposit"


@dataclass(frozen=True)
class Accepted:
    """Daraja took the push: accepted, not paid."""

    merchant_request_id: str | None
    checkout_request_id: str


@dataclass(frozen=True)
class Receipt:
    """A payment to the paybill, by M-Pesa's code of it."""

    code: str


@dataclass(frozen=True)
class Order:
    """A payment of ours, by the id that we gave it."""

    originator_id: str


class Mpesa:
    """Money in and out: what Daraja can be asked for, one try each."""

    def __init__(self, *, settings: Settings, wire: Wire) -> None:
        self._settings = settings
        self._wire = wire

    @property
    def paybill(self) -> str | None:
        """The number that people pay to by hand; a till is paid otherwise."""
        is_till = self._settings.mpesa_transaction_type == "CustomerBuyGoodsOnline"
        return None if is_till else self._settings.mpesa_shortcode

    def request_payment(
        self, *, phone: str, amount: Money, reference: str, callback_url: str
    ) -> Accepted:
        """Show the M-Pesa prompt on a phone. Raises PaymentRefused or PaymentUnknown.

        Daraja knows no idempotency here: each call is one more prompt (observed).
        """
        payer = phone.removeprefix("+")
        answer = self._call(
            "/mpesa/stkpush/v1/processrequest",
            {
                **self._signature(),
                "BusinessShortCode": int(self._settings.mpesa_shortcode),
                "TransactionType": self._settings.mpesa_transaction_type,
                "Amount": str(amount.shillings),
                "PartyA": payer,
                "PartyB": self._settings.mpesa_shortcode,
                "PhoneNumber": payer,
                "CallBackURL": callback_url,
                "AccountReference": reference,
                "TransactionDesc": DESCRIPTION,
            },
        )
        checkout_id = spell(answer.get("CheckoutRequestID"))
        if checkout_id is None:
            raise PaymentUnknown(code="no_acknowledgement")
        return Accepted(spell(answer.get("MerchantRequestID")), checkout_id)

    def query_payment(self, *, checkout_request_id: str) -> Answer:
        """What became of a push: paid, failed or no answer yet.

        Raises PaymentRefused or PaymentUnknown where the question itself got no answer; neither
        says anything about the payment (daraja.md §4).
        """
        answer = self._call(
            "/mpesa/stkpushquery/v1/query",
            {
                **self._signature(),
                "BusinessShortCode": self._settings.mpesa_shortcode,
                "CheckoutRequestID": checkout_request_id,
            },
        )
        about = spell(answer.get("CheckoutRequestID"))
        if about not in {None, checkout_request_id}:
            raise PaymentUnknown(code="no_answer")
        return answer_of(answer.get("ResultCode"), paybill=self.paybill)

    def pay_out(
        self,
        *,
        phone: str,
        amount: Money,
        originator_id: str,
        reference: str,
        callback_url: str,
    ) -> str | None:
        """Ask for a payment to a phone; returns the ConversationID where the answer has one.

        The same `originator_id` is paid once (daraja.md §5.2): sent again it is refused as a
        duplicate, which says that the first had arrived, and so raises PaymentUnknown. Raises
        PaymentRefused where surely nothing will be paid.
        """
        body = {
            "OriginatorConversationID": originator_id,
            "InitiatorName": self._settings.mpesa_initiator_name,
            "SecurityCredential": self._settings.mpesa_security_credential.get_secret_value(),
            "CommandID": "BusinessPayment",
            "Amount": str(amount.shillings),
            "PartyA": self._settings.mpesa_b2c_shortcode,
            "PartyB": phone.removeprefix("+"),
            "Remarks": f"Withdrawal {reference}",
            "QueueTimeOutURL": f"{callback_url}/timeout",
            "ResultURL": f"{callback_url}/result",
            # The misspelling is Daraja's own.
            "Occassion": reference,
        }
        try:
            answer = self._call("/mpesa/b2c/v3/paymentrequest", body)
        except PaymentRefused as error:
            if proves_nothing(error.code):
                raise PaymentUnknown(code=error.code) from None
            raise
        known_as = spell(answer.get("OriginatorConversationID"))
        if known_as not in {None, originator_id}:
            raise PaymentUnknown(code="no_acknowledgement")
        return identifier_of(answer.get("ConversationID"))

    def ask_status(self, *, about: Receipt | Order, callback_url: str) -> str | None:
        """Ask what became of a payment; the answer comes to the callback. Returns its own id.

        Raises PaymentRefused or PaymentUnknown where the question got no answer; neither says
        anything of the payment.
        """
        if isinstance(about, Receipt):
            named, shortcode = {"TransactionID": about.code}, self._settings.mpesa_shortcode
        else:
            named = {"OriginalConversationID": about.originator_id}
            shortcode = self._settings.mpesa_b2c_shortcode
        answer = self._call(
            "/mpesa/transactionstatus/v1/query",
            {
                **named,
                "Initiator": self._settings.mpesa_initiator_name,
                "SecurityCredential": self._settings.mpesa_security_credential.get_secret_value(),
                "CommandID": "TransactionStatusQuery",
                "PartyA": shortcode,
                "IdentifierType": "4",
                "ResultURL": f"{callback_url}/result",
                "QueueTimeOutURL": f"{callback_url}/timeout",
                "Remarks": "Status",
                "Occasion": "Status",
            },
        )
        return identifier_of(answer.get("ConversationID"))

    def register_urls(self, *, confirmation_url: str, validation_url: str) -> None:
        """Tell Daraja where payments to the paybill are to be told. Raises as every call.

        "Completed" lets a payment through where we do not answer its validation: it is then heard
        of by its confirmation, or found on the statement.
        """
        self._call(
            "/mpesa/c2b/v2/registerurl",
            {
                "ShortCode": self._settings.mpesa_shortcode,
                "ResponseType": "Completed",
                "ConfirmationURL": confirmation_url,
                "ValidationURL": validation_url,
            },
        )

    def _call(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        answer = self._wire.call(path, body)
        if spell(answer.get("ResponseCode")) != SUCCESS:
            raise PaymentUnknown(code="no_acknowledgement")
        return answer

    def _signature(self) -> dict[str, str]:
        # One string used twice: two clock readings across a second are "Wrong credentials". The
        # zone is undocumented; CheckoutRequestIDs are stamped in East African Time (observed).
        timestamp = f"{in_nairobi(datetime.now(UTC)):%Y%m%d%H%M%S}"
        passkey = self._settings.mpesa_passkey.get_secret_value()
        secret = f"{self._settings.mpesa_shortcode}{passkey}{timestamp}"
        return {"Password": base64.b64encode(secret.encode()).decode(), "Timestamp": timestamp}


def open_mpesa(
    *,
    settings: Settings,
    redis_client: Redis,
    timeout_seconds: tuple[float, float] = TIMEOUT_SECONDS,
) -> Mpesa:
    """The client of web, worker and command line; connects on first use."""
    access = Access(settings=settings, redis_client=redis_client)
    wire = Wire(settings=settings, access=access, timeout_seconds=timeout_seconds)
    return Mpesa(settings=settings, wire=wire)
