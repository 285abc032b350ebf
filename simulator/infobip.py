"""Infobip's SMS desk: POST /sms/3/messages, and the delivery report that each message asks for.

Words and shapes are those of Infobip's API reference and its "Response status and error codes".
"""

import hmac
import json
import threading
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from flask import Blueprint, Response, request

from simulator.clock import Clock
from simulator.config import Config
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers
from simulator.outside import SERVICE_TIMEOUT_SECONDS, post_body
from simulator.phones import BadPhoneError, canonical_phone
from simulator.segments import message_parts
from simulator.settings import Settings
from simulator.sms import SentSms
from simulator.sms_network import SmsNetwork

PRICE_PER_MESSAGE, CURRENCY = 0.0062, "EUR"

_GROUPS = {1: "PENDING", 2: "UNDELIVERABLE", 3: "DELIVERED", 5: "REJECTED"}
_PENDING = (1, 26, "PENDING_ACCEPTED", "Message accepted, pending for delivery.")
_DELIVERED = (3, 5, "DELIVERED_TO_HANDSET", "Message delivered to handset")
_NOT_DELIVERED = (2, 9, "UNDELIVERABLE_NOT_DELIVERED", "Message sent not delivered")
_NO_CREDIT = (5, 12, "REJECTED_NOT_ENOUGH_CREDITS", "Not enough credits")
_BAD_SENDER = (5, 11, "REJECTED_SOURCE", "Invalid Source address")
_BLOCKED = (5, 14, "REJECTED_DESTINATION", "By Black List, recipient")
_BAD_NUMBER = (5, 52, "REJECTED_INVALID_DESTINATION", "Invalid destination number.")
_DUPLICATE = (5, 23, "REJECTED_DUPLICATE_MESSAGE_ID", "Duplicate message ID")
_Status = tuple[int, int, str, str]
_REFUSALS = {
    "unauthorised": (401, "E401", "Request authentication failed."),
    "throttle": (429, "E429", "Too many requests sent."),
    "error_500": (500, "E500", "Internal server error."),
    "error_503": (503, "E503", "Service unavailable."),
}


@dataclass(kw_only=True, slots=True)
class InfobipDesk:
    """Checks an order, carries its messages and words the answer."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    settings: Settings
    faults: Faults
    handsets: Handsets
    network: SmsNetwork
    deliveries: Deliveries
    closing: threading.Event

    def blueprint(self) -> Blueprint:
        """Return the provider's route."""
        routes = Blueprint("infobip", __name__)
        routes.add_url_rule("/sms/3/messages", view_func=self.send, methods=["POST"])
        return routes

    def send(self) -> Response:
        """Answer one order, after the fault in force, if any."""
        if not self._authentic():
            return _refusal(*_REFUSALS["unauthorised"])
        messages = _messages()
        if messages is None:
            return _refusal(400, "E400", "Request cannot be processed.")
        fault = self.faults.take("infobip")
        refusal = _REFUSALS.get(fault.name) if fault else None
        if refusal is not None:
            return _refusal(*refusal)
        lines = [line for message in messages for line in self._take(message, fault)]
        body = {"bulkId": self.identifiers.uuid(), "messages": lines}
        if fault is not None and fault.name == "timeout":
            # The messages are on their way; only the answer does not arrive in time.
            self.closing.wait(fault.seconds)
        return Response(json.dumps(body), 200, content_type="application/json;charset=UTF-8")

    def _authentic(self) -> bool:
        wanted = f"App {self.config.infobip_api_key}"
        return hmac.compare_digest(
            request.headers.get("Authorization", "").encode(), wanted.encode()
        )

    def _take(self, message: dict[str, object], fault: Fault | None) -> list[dict[str, object]]:
        content, destinations = message.get("content"), message.get("destinations")
        text = str(content.get("text", "")) if isinstance(content, dict) else ""
        lines = destinations if isinstance(destinations, list) else []
        return [
            self._deliver(message, line, text, fault) for line in lines if isinstance(line, dict)
        ]

    def _deliver(
        self,
        message: dict[str, object],
        line: dict[str, object],
        text: str,
        fault: Fault | None,
    ) -> dict[str, object]:
        message_id = str(line.get("messageId") or self.identifiers.uuid())
        status = self._refused(message, line, message_id, fault) or _PENDING
        if status is _PENDING:
            phone = canonical_phone(str(line.get("to")))
            self._carry(message, phone, text, message_id, fault)
        return {
            "messageId": message_id,
            "status": _as_json(status),
            "destination": line.get("to"),
            "details": {"messageCount": message_parts(text)},
        }

    def _refused(
        self,
        message: dict[str, object],
        line: dict[str, object],
        message_id: str,
        fault: Fault | None,
    ) -> _Status | None:
        if fault is not None and fault.name == "rejected":
            return _NO_CREDIT
        own = {self.config.infobip_sender, self.config.infobip_promo_sender} - {""}
        if message.get("sender") not in own:
            return _BAD_SENDER
        try:
            phone = canonical_phone(str(line.get("to")))
        except BadPhoneError:
            return _BAD_NUMBER
        if any(sms.message_id == message_id for sms in self.network.sent_to(phone)):
            return _DUPLICATE
        with self.handsets.lock:
            return _BLOCKED if self.handsets.get(phone).blacklisted else None

    def _carry(
        self,
        message: dict[str, object],
        phone: str,
        text: str,
        message_id: str,
        fault: Fault | None,
    ) -> None:
        name = fault.name if fault else None
        sms = SentSms(
            message_id=message_id,
            sender=str(message.get("sender")),
            phone=phone,
            text=text,
            at=self.clock.now(),
            provider="infobip",
        )
        if name not in {"rejected_later", "undeliverable"}:
            sms = self.network.carry_for(
                "infobip", sender=sms.sender, phone=phone, text=text, message_id=message_id
            )
        url = _report_url(message)
        if url and self.settings.delivery_reports and name != "no_report":
            self._promise_report(sms, url, fault)

    def _promise_report(self, sms: SentSms, url: str, fault: Fault | None) -> None:
        name = fault.name if fault else None
        status = {"rejected_later": _NO_CREDIT, "undeliverable": _NOT_DELIVERED}.get(
            name or "", _DELIVERED
        )
        delay = self.settings.callback_delay_seconds
        if fault is not None and name == "slow_report":
            delay = fault.seconds
        copies = fault.copies if fault is not None and name == "duplicate_report" else 1
        for _ in range(copies):
            report = partial(self._report, sms, status, url)
            self.deliveries.deliver(report, after_seconds=delay)

    def _report(self, sms: SentSms, status: _Status, url: str) -> None:
        parts = message_parts(sms.text)
        result = {
            "bulkId": self.identifiers.uuid(),
            "messageId": sms.message_id,
            "to": sms.phone.removeprefix("+"),
            "sender": sms.sender,
            "sentAt": _moment(sms.at),
            "doneAt": _moment(self.clock.now()),
            "messageCount": parts,
            "mccMnc": sms.network,
            "price": {"pricePerMessage": PRICE_PER_MESSAGE, "currency": CURRENCY},
            "status": _as_json(status),
            "error": _error(status),
        }
        body = json.dumps({"results": [result]})
        headers = {"Content-Type": "application/json"}
        post_body(url, body, timeout_seconds=SERVICE_TIMEOUT_SECONDS, headers=headers)
        with self.handsets.lock:
            sms.reported = _GROUPS[status[0]]


def _messages() -> list[dict[str, object]] | None:
    order = request.get_json(silent=True)
    messages = order.get("messages") if isinstance(order, dict) else None
    if not isinstance(messages, list) or not messages:
        return None
    found = [message for message in messages if isinstance(message, dict)]
    return found if len(found) == len(messages) else None


def _report_url(message: dict[str, object]) -> str:
    webhooks = message.get("webhooks")
    delivery = webhooks.get("delivery") if isinstance(webhooks, dict) else None
    return str(delivery.get("url", "")) if isinstance(delivery, dict) else ""


def _as_json(status: _Status) -> dict[str, object]:
    group, number, name, description = status
    return {
        "groupId": group,
        "groupName": _GROUPS[group],
        "id": number,
        "name": name,
        "description": description,
    }


def _error(status: _Status) -> dict[str, object]:
    if status is _NOT_DELIVERED:
        name, number, group = "EC_ABSENT_SUBSCRIBER", 27, "HANDSET_ERRORS"
    else:
        name, number, group = "NO_ERROR", 0, "OK"
    return {
        "groupId": 1 if number else 0,
        "groupName": group,
        "id": number,
        "name": name,
        "description": name,
        "permanent": False,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds")


def _refusal(status: int, code: str, description: str) -> Response:
    body = {"errorCode": code, "description": description, "violations": [], "resources": []}
    return Response(json.dumps(body), status, content_type="application/json;charset=UTF-8")
