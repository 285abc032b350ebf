"""Africa's Talking: the first who sends SMS, by its official SDK."""

import re
from typing import Any, Final

import requests
from africastalking.SMS import SMSService

from core.carriers.rules import Carrier
from sms.length import parts_told
from sms.price import read_price
from sms.sdk import TIMEOUT_SECONDS, Unread
from sms.sender import (
    Accepted,
    SmsRefused,
    SmsUnknown,
    broken_call,
    parse_json,
    raise_unless_accepted,
    word,
)
from sms.statuses import classify_http, classify_recipient

_LONGEST_ID: Final = 120
# Sent literally where there is no id (africastalking-node.js issue 160).
_NO_ID: Final = "None"
_PRICE = re.compile(r"([A-Z]{3} )?\d{1,9}(\.\d{1,6})?", re.ASCII)


class AfricasTalkingSender:
    """Sends through `POST /version1/messaging`; safe to share between threads.

    News goes from `promo_sender_id`, where there is one: a player who blocks promotions at the
    network (406) then still gets codes and receipts.
    """

    carrier = Carrier.AFRICAS_TALKING

    def __init__(
        self,
        *,
        username: str,
        api_key: str,
        base_url: str,
        sender_id: str = "",
        promo_sender_id: str = "",
    ) -> None:
        self._service = _Service(username, api_key)
        # The SDK takes no host; the setting may name it with or without the version.
        host = base_url.rstrip("/").removesuffix("/version1")
        self._service._baseUrl = f"{host}/version1"  # noqa: SLF001 - the SDK has no other way
        # The SDK sends an empty name as it is, which the provider refuses.
        self._sender_id = sender_id or None
        self._promo_sender_id = promo_sender_id or self._sender_id

    def name(self) -> None:
        """Nothing: this provider names its messages itself."""

    def send(
        self,
        *,
        phone: str,
        body: str,
        promotional: bool = False,
        named: str | None = None,  # noqa: ARG002 - the other provider takes it
    ) -> Accepted:
        """Hand one message over, once. Raises SmsRefused or SmsUnknown."""
        answer = self._ask(phone, body, self._promo_sender_id if promotional else self._sender_id)
        if isinstance(answer, Exception):
            raise answer
        return _read(answer, phone)

    def _ask(
        self, phone: str, body: str, sender_id: str | None
    ) -> requests.Response | SmsRefused | SmsUnknown:
        # Returned and raised elsewhere: a chained exception would carry the request, and with
        # it the code of somebody, into whatever reports it.
        try:
            answer: requests.Response = self._service.send(
                body, [phone], sender_id=sender_id, timeout=TIMEOUT_SECONDS
            )
        except requests.RequestException as error:
            return broken_call(error)
        except ValueError:
            return SmsRefused("InvalidPhoneNumber", may_pass_later=False)
        return answer


class _Service(Unread, SMSService):  # type: ignore[misc] # the SDK has no types
    """The SDK's messaging."""


def _read(answer: requests.Response, phone: str) -> Accepted:
    if not answer.ok or answer.is_redirect:
        raise_unless_accepted(f"HTTP {answer.status_code}", classify_http(answer.status_code))
    data = _object(parse_json(answer.text), "SMSMessageData")
    if data is None:
        raise SmsUnknown("answer is not the provider's JSON")
    summary = str(data.get("Message", ""))
    recipient = _recipient(data.get("Recipients"), phone)
    if recipient is None:
        # An order refused as a whole is a 201 without recipients, and a word as its message.
        raise_unless_accepted(*classify_recipient(None, name=word(summary)))
        raise SmsUnknown("no recipient in the answer")
    name, meant = classify_recipient(
        _number(recipient.get("statusCode")), name=word(recipient.get("status"))
    )
    raise_unless_accepted(name, meant)
    cost = _price(recipient.get("cost"))
    return Accepted(
        provider_id=_identifier(recipient.get("messageId")),
        status=name,
        cost=cost,
        parts=parts_told(summary),
        price=read_price(cost),
    )


def _recipient(recipients: object, phone: str) -> dict[str, Any] | None:
    if not isinstance(recipients, list):
        return None
    lines = [line for line in recipients if isinstance(line, dict)]
    ours = [line for line in lines if line.get("number") == phone]
    return next(iter(ours or lines), None)


def _object(value: object, name: str) -> dict[str, Any] | None:
    inner = value.get(name) if isinstance(value, dict) else None
    return inner if isinstance(inner, dict) else None


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() else None


def _identifier(value: object) -> str | None:
    if not isinstance(value, str) or value in {"", _NO_ID}:
        return None
    return value if len(value) <= _LONGEST_ID and value.isprintable() else None


def _price(value: object) -> str | None:
    price = str(value)
    return price if _PRICE.fullmatch(price) else None
