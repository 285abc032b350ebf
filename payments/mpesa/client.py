"""Speaks to Daraja: asks a phone to pay, and asks what became of it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import requests
from redis import Redis
from urllib3.exceptions import MaxRetryError, NewConnectionError

from core.clock import in_nairobi
from core.deposits.answers import Answer
from core.money import Money
from core.settings import Settings
from core.statements.lines import Line
from core.text import Text
from payments.mpesa import pull
from payments.mpesa.access import Access, NoAccess, json_of
from payments.mpesa.results import (
    UNREACHABLE,
    Refusal,
    TokenRefused,
    Unclear,
    answer_of,
    classify,
    spell,
)
from payments.mpesa.statement_cells import Unreadable

# Longer than Daraja was ever seen to take. With a token to renew, a push may outlast the lease of
# its job: another worker then finds it claimed and calls nobody, and the late answer still counts.
TIMEOUT_SECONDS: Final = (5, 25)
# At most 13 characters (daraja.md §2); called optional, but refused where it is missing (observed).
DESCRIPTION: Final = "Deposit"


class PaymentRefused(Exception):
    """Daraja surely did nothing; the reason is for the player."""

    def __init__(self, *, code: str, reason: Text) -> None:
        super().__init__(code)
        self.code = code
        self.reason = reason


class PaymentUnknown(Exception):
    """Daraja may have acted: find out, never guess and never send again."""

    def __init__(self, *, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class Accepted:
    """Daraja took the push: accepted, not paid."""

    merchant_request_id: str | None
    checkout_request_id: str


class Mpesa:
    """Money in. Every call is one try, except that a dead token is replaced once."""

    def __init__(self, *, settings: Settings, access: Access) -> None:
        self._settings = settings
        self._access = access

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
        if spell(answer.get("ResponseCode")) != "0" or checkout_id is None:
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
        if spell(answer.get("ResponseCode")) != "0" or about not in {None, checkout_request_id}:
            raise PaymentUnknown(code="no_answer")
        return answer_of(answer.get("ResultCode"))

    def register_pull(self, *, nominated: str, callback_url: str) -> None:
        """Have the paybill's payments kept for pulling; once for good, a repeat is harmless.

        `nominated` is the phone that the short code's owner gave to Safaricom. Raises
        PaymentRefused or PaymentUnknown.
        """
        answer = self._call(
            "/pulltransactions/v1/register",
            {
                "ShortCode": self._settings.mpesa_shortcode,
                "RequestType": "Pull",
                "NominatedNumber": nominated.removeprefix("+"),
                "CallBackURL": callback_url,
            },
        )
        status = spell(answer.get("ResponseStatus") or answer.get("ResponseCode"))
        if status not in pull.REGISTERED:
            raise PaymentUnknown(code=f"response status {status}")

    def pull_payments(self, *, since: datetime, until: datetime) -> list[Line]:
        """Every payment to the paybill in this time, which began 48 hours ago at most.

        Raises PaymentRefused or PaymentUnknown where any page of it cannot be had or read; neither
        says anything about a payment.
        """

        def fetch(offset: int) -> tuple[Line, ...]:
            answer = self._call(
                "/pulltransactions/v1/query",
                {
                    "ShortCode": self._settings.mpesa_shortcode,
                    "StartDate": pull.spell_moment(since),
                    "EndDate": pull.spell_moment(until),
                    "OffSetValue": str(offset),
                },
            )
            try:
                return pull.read_page(answer)
            except Unreadable as error:
                raise PaymentUnknown(code=str(error)) from None

        return pull.all_pages(fetch)

    def _signature(self) -> dict[str, str]:
        # One string used twice: two clock readings across a second are "Wrong credentials". The
        # zone is undocumented; CheckoutRequestIDs are stamped in East African Time (observed).
        timestamp = f"{in_nairobi(datetime.now(UTC)):%Y%m%d%H%M%S}"
        passkey = self._settings.mpesa_passkey.get_secret_value()
        secret = f"{self._settings.mpesa_shortcode}{passkey}{timestamp}"
        return {"Password": base64.b64encode(secret.encode()).decode(), "Timestamp": timestamp}

    def _call(self, path: str, body: Mapping[str, object]) -> Mapping[str, object]:
        try:
            token = self._access.token()
            outcome = self._post(path, body, token)
            if isinstance(outcome, TokenRefused):
                # Refused before M-Pesa saw it, so sending it once more is safe.
                outcome = self._post(path, body, self._access.renew(failed=token))
        except NoAccess as error:
            raise PaymentRefused(code=error.code, reason=UNREACHABLE) from None
        match outcome:
            case Refusal(code, reason):
                raise PaymentRefused(code=code, reason=reason)
            case TokenRefused(code):
                raise PaymentRefused(code=code, reason=UNREACHABLE)
            case Unclear(code):
                raise PaymentUnknown(code=code)
            case _:
                return outcome

    def _post(
        self, path: str, body: Mapping[str, object], token: str
    ) -> Mapping[str, object] | Refusal | TokenRefused | Unclear:
        try:
            # Without a session: a kept-alive connection that died meanwhile would turn a payment
            # that was never sent into an unknown one.
            response = requests.post(
                f"{self._settings.mpesa_base_url}{path}",
                json=body,
                headers={"Authorization": f"Bearer {token}"},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return _never_sent(error) or Unclear(type(error).__name__)
        except requests.RequestException as error:
            return Unclear(type(error).__name__)
        answer = json_of(response)
        fault = classify(response.status_code, answer)
        if fault is not None:
            return fault
        return answer if isinstance(answer, dict) else Unclear("no_object")


def open_mpesa(*, settings: Settings, redis_client: Redis) -> Mpesa:
    """The client of web, worker and command line; connects on first use."""
    return Mpesa(settings=settings, access=Access(settings=settings, redis_client=redis_client))


def _never_sent(error: requests.RequestException) -> Refusal | None:
    """A refusal where the connection was never made, so that nothing can have arrived."""
    if isinstance(error, requests.ConnectTimeout):
        return Refusal("connect_timeout", UNREACHABLE)
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError) and isinstance(cause.reason, NewConnectionError):
        return Refusal("not_connected", UNREACHABLE)
    return None
