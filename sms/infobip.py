"""Infobip: the second who sends SMS, and its delivery reports.

Sources: Infobip's API reference, "Send SMS messages" (`POST /sms/3/messages`) and "Receive outbound
SMS message report"; the models of its client libraries (infobip-api-python-client 5); "Response
status and error codes"; "API authentication" (`Authorization: App KEY`).
"""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import requests

from core.carriers.rules import Carrier
from core.notices.costs import MessagePrice
from core.text import storable
from sms.price import price_of_parts
from sms.sdk import TIMEOUT_SECONDS
from sms.sender import (
    Accepted,
    SmsRefused,
    SmsUnknown,
    broken_call,
    parse_json,
    raise_unless_accepted,
    word,
)
from sms.statuses import (
    INFOBIP_HTTP_STATUSES,
    INFOBIP_REPORTS,
    LONGEST_WORD,
    classify_http,
    classify_infobip,
)

PATH: Final = "/sms/3/messages"
# Ids of both providers stand in one column, where each may stand once.
PREFIX: Final = "infobip:"
LONGEST_ID: Final = 200
# A bucket is 100 reports by default, and can be set larger.
MOST_REPORTS: Final = 1_000
_HIGHEST_COUNT: Final = 9_999


class InfobipSender:
    """Sends through `POST /sms/3/messages`; safe to share between threads."""

    carrier = Carrier.INFOBIP

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str,
        sender_id: str,
        report_url: str,
        promo_sender_id: str = "",
    ) -> None:
        self._url = f"{base_url.rstrip('/')}{PATH}"
        self._authorization = f"App {api_key}"
        self._sender_id = sender_id
        self._promo_sender_id = promo_sender_id or sender_id
        self._report_url = report_url

    def name(self) -> str:
        """A new id of a message: with it a report finds the message whose answer was lost."""
        return f"{PREFIX}{uuid.uuid4()}"

    def send(
        self, *, phone: str, body: str, promotional: bool = False, named: str | None = None
    ) -> Accepted:
        """Hand one message over, once. Raises SmsRefused or SmsUnknown."""
        name = named or self.name()
        sender_id = self._promo_sender_id if promotional else self._sender_id
        answer = self._ask(self._order(phone, body, sender_id, name))
        if isinstance(answer, Exception):
            raise answer
        return _read(answer, name)

    def _order(self, phone: str, body: str, sender_id: str, name: str) -> dict[str, object]:
        message = {
            "sender": sender_id,
            "destinations": [
                {"to": phone.removeprefix("+"), "messageId": name.removeprefix(PREFIX)}
            ],
            "content": {"text": body},
            "webhooks": {
                "delivery": {"url": self._report_url, "intermediateReport": False},
                "contentType": "application/json",
            },
        }
        return {"messages": [message]}

    def _ask(self, order: dict[str, object]) -> requests.Response | SmsRefused | SmsUnknown:
        # Returned and raised elsewhere, and without a session, as with the other provider: a
        # chained exception would carry the message, and a kept-alive connection that died
        # meanwhile would turn a message that was never sent into an unknown one.
        headers = {"Authorization": self._authorization, "Accept": "application/json"}
        try:
            return requests.post(
                self._url,
                json=order,
                headers=headers,
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            return broken_call(error)


@dataclass(frozen=True)
class InfobipReport:
    """What one delivery report says, in the words that we keep."""

    provider_id: str
    status: str
    failure: str | None
    network: str | None
    price: MessagePrice | None
    parts: int | None


def read_reports(body: object) -> list[InfobipReport]:
    """The reports in a posted body, by id; what is none is left out. Both versions are known.

    The order is that of the ids, so that two copies wait for each other and never in a circle.
    """
    results = body.get("results") if isinstance(body, dict) else None
    if not isinstance(results, list):
        return []
    found = [one for entry in results[:MOST_REPORTS] for one in _report(entry)]
    return sorted(found, key=lambda one: one.provider_id)


def _report(entry: object) -> Iterator[InfobipReport]:
    if not isinstance(entry, dict):
        return
    message_id, status = entry.get("messageId"), _inner(entry, "status")
    group, name = _text(status.get("groupName")), _text(status.get("name"))
    if not isinstance(message_id, str) or not 0 < len(message_id) <= LONGEST_ID or not group:
        return
    # `messageCount` in version 3, `smsCount` in version 2.
    parts = _count(entry.get("messageCount", entry.get("smsCount")))
    price = _inner(entry, "price")
    yield InfobipReport(
        provider_id=PREFIX + storable(message_id).strip(),
        status=INFOBIP_REPORTS.get(group, group),
        failure=None if group in {"DELIVERED", "PENDING"} else _failure(group, name, entry),
        network=_text(entry.get("mccMnc")) or None,
        price=price_of_parts(price.get("pricePerMessage"), price.get("currency"), times=parts or 1),
        parts=parts,
    )


def _failure(group: str, name: str, entry: dict[str, Any]) -> str:
    # Of a rejected message the status tells why, of another the network's error does.
    error = _text(_inner(entry, "error").get("name"))
    return name if group == "REJECTED" or error in {"", "NO_ERROR"} else error


def _read(answer: requests.Response, name: str) -> Accepted:
    if not answer.ok or answer.is_redirect:
        meant = classify_http(answer.status_code, table=INFOBIP_HTTP_STATUSES)
        raise_unless_accepted(f"HTTP {answer.status_code}", meant)
    body = parse_json(answer.text)
    messages = body.get("messages") if isinstance(body, dict) else None
    message = messages[0] if isinstance(messages, list) and messages else None
    if not isinstance(message, dict):
        raise SmsUnknown("answer is not the provider's JSON")
    status = _inner(message, "status")
    raise_unless_accepted(
        *classify_infobip(_count(status.get("id")), group=_count(status.get("groupId")))
    )
    return Accepted(
        # Whatever id the answer names: reports may have come under the one that we gave.
        provider_id=name,
        status=word(status.get("name")),
        cost=None,
        parts=_count(_inner(message, "details").get("messageCount", message.get("smsCount"))),
    )


def _inner(value: dict[str, Any], name: str) -> dict[str, Any]:
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def _count(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _HIGHEST_COUNT else None


def _text(value: object) -> str:
    return storable(value).strip()[:LONGEST_WORD] if isinstance(value, str) else ""
