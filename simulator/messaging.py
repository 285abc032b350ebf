"""Africa's Talking's SMS desk: POST /version1/messaging, answered as recorded from the provider."""

import hmac
import json
import threading
from dataclasses import dataclass

from flask import Blueprint, Response, request

from simulator.config import Config
from simulator.deliveries import Delayed
from simulator.faults import Faults
from simulator.handsets import Handsets
from simulator.phones import BadPhoneError, canonical_phone
from simulator.segments import message_parts
from simulator.sms_network import SmsNetwork

COST_PER_PART_KES = 0.8
# The total comes in the account's currency, each recipient's cost in the recipient's own.
COST_PER_PART_USD = 0.0079

SENT, QUEUED = 101, 102
INVALID_PHONE_NUMBER, INSUFFICIENT_BALANCE, BLACKLISTED = 403, 405, 406

_REFUSALS = {
    INVALID_PHONE_NUMBER: "InvalidPhoneNumber",
    INSUFFICIENT_BALANCE: "InsufficientBalance",
    BLACKLISTED: "UserInBlacklist",
}


@dataclass(kw_only=True, slots=True)
class MessagingDesk:
    """Checks an order, carries the messages and words the answer."""

    config: Config
    faults: Faults
    handsets: Handsets
    network: SmsNetwork
    closing: threading.Event

    def blueprint(self) -> Blueprint:
        """Return the provider's route."""
        routes = Blueprint("messaging", __name__)
        routes.add_url_rule("/version1/messaging", view_func=self.send, methods=["POST"])
        return routes

    def send(self) -> Response:
        """Answer one order, after the fault in force, if any."""
        if not self._authentic():
            return _unauthorised()
        fault = self.faults.take("sms")
        match fault.name if fault else None:
            case "unauthorised":
                return _unauthorised()
            case "error_500":
                return Response("Internal Server Error", 500, mimetype="text/plain")
            case "invalid_sender":
                return _invalid_sender()
            case "no_credit":
                return self._refuse_all(INSUFFICIENT_BALANCE)
            case "timeout":
                answer = self._accept()
                # The messages are on their way; only the answer does not arrive in time.
                self.closing.wait(fault.seconds if fault else 0)
                return answer
            case _:
                return self._accept()

    def _authentic(self) -> bool:
        key_fits = hmac.compare_digest(
            request.headers.get("apiKey", "").encode(), self.config.at_api_key.encode()
        )
        return key_fits and request.form.get("username") == self.config.at_username

    def _accept(self) -> Response:
        sender = request.form.get("from", "")
        own = {self.config.at_sender_id, self.config.at_promo_sender_id, self.config.at_shortcode}
        if sender not in {"", *own}:
            return _invalid_sender()
        text = request.form.get("message", "")
        if not text or not _recipients():
            return Response("Request is missing required form field", 400, mimetype="text/plain")
        lines: list[dict[str, object]] = []
        reports: list[Delayed] = []
        for recipient in _recipients():
            refused = self._refusal(recipient)
            if refused is not None:
                lines.append(_refused(recipient, refused))
                continue
            sms, report = self.network.carry(
                sender=sender or self.config.at_sender_id,
                phone=canonical_phone(recipient),
                text=text,
            )
            lines.append(_accepted(recipient, message_id=sms.message_id, text=text))
            reports += [report] if report else []
        answer = _answer(lines, parts=message_parts(text))
        for report in reports:
            # A report follows the answer, as it does with the provider.
            answer.call_on_close(report.start)
        return answer

    def _refusal(self, recipient: str) -> int | None:
        try:
            phone = canonical_phone(recipient)
        except BadPhoneError:
            return INVALID_PHONE_NUMBER
        with self.handsets.lock:
            return BLACKLISTED if self.handsets.get(phone).blacklisted else None

    def _refuse_all(self, code: int) -> Response:
        lines = [_refused(recipient, code) for recipient in _recipients()]
        return _answer(lines, parts=message_parts(request.form.get("message", "")))


def _recipients() -> list[str]:
    return [part.strip() for part in request.form.get("to", "").split(",") if part.strip()]


def _accepted(recipient: str, *, message_id: str, text: str) -> dict[str, object]:
    return {
        "cost": f"KES {COST_PER_PART_KES * message_parts(text):.4f}",
        "messageId": message_id,
        "number": recipient,
        "status": "Success",
        "statusCode": QUEUED if request.form.get("enqueue") == "1" else SENT,
    }


def _refused(recipient: str, code: int) -> dict[str, object]:
    # "None" is literal: the provider sends the word where there is no id.
    return {
        "cost": "0",
        "messageId": "None",
        "number": recipient,
        "status": _REFUSALS[code],
        "statusCode": code,
    }


def _answer(lines: list[dict[str, object]], *, parts: int) -> Response:
    accepted = sum(line["status"] == "Success" for line in lines)
    total = f"USD {COST_PER_PART_USD * parts * accepted:.4f}" if accepted else "0"
    summary = f"Sent to {accepted}/{len(lines)} Total Cost: {total}"
    if accepted:
        summary += f" Message parts: {parts}"
    return _sms_message_data(summary, lines)


def _invalid_sender() -> Response:
    return _sms_message_data("InvalidSenderId", [])


def _unauthorised() -> Response:
    text = "The supplied authentication is invalid"
    return Response(text, 401, content_type="text/plain")


def _sms_message_data(summary: str, lines: list[dict[str, object]]) -> Response:
    body = json.dumps({"SMSMessageData": {"Message": summary, "Recipients": lines}})
    # The provider's SDK reads JSON only under this header, without a charset.
    return Response(body, 201, content_type="application/json")
