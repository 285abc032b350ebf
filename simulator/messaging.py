"""Africa's Talking's SMS desk: POST /version1/messaging, answered as recorded from the provider."""

import hmac
import threading
from dataclasses import dataclass

from flask import Blueprint, Response, request

from simulator.config import Config
from simulator.daraja.push import hang_up
from simulator.deliveries import Delayed
from simulator.faults import Fault, Faults
from simulator.handsets import Handsets
from simulator.messaging_answers import (
    Line,
    accepted,
    answer_to,
    invalid_sender,
    misworded,
    refused,
    refused_as_a_whole,
    unauthorised,
)
from simulator.phones import BadPhoneError, canonical_phone
from simulator.segments import message_parts
from simulator.sms_network import SmsNetwork

INVALID_PHONE_NUMBER, BLACKLISTED = 403, 406


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
            return unauthorised()
        fault = self.faults.take("sms")
        name = fault.name if fault else ""
        if name == "cut":
            hang_up()
        refusal = refused_as_a_whole(name, recipients=_recipients(), text=_text())
        return refusal or self._accept(fault)

    def _authentic(self) -> bool:
        key_fits = hmac.compare_digest(
            request.headers.get("apiKey", "").encode(), self.config.at_api_key.encode()
        )
        return key_fits and request.form.get("username") == self.config.at_username

    def _accept(self, fault: Fault | None) -> Response:
        sender = request.form.get("from", "")
        own = {self.config.at_sender_id, self.config.at_promo_sender_id, self.config.at_shortcode}
        if sender not in {"", *own}:
            return invalid_sender()
        if not _text() or not _recipients():
            return Response("Request is missing required form field", 400, mimetype="text/plain")
        lines: list[Line] = []
        reports: list[Delayed] = []
        for recipient in _recipients():
            code = self._refusal(recipient)
            if code is not None:
                lines.append(refused(recipient, code))
                continue
            sms, due = self.network.carry(
                sender=sender or self.config.at_sender_id,
                phone=canonical_phone(recipient),
                text=_text(),
            )
            lines.append(accepted(recipient, message_id=sms.message_id, text=_text()))
            reports += due
        return self._answer(lines, reports, fault)

    def _answer(self, lines: list[Line], reports: list[Delayed], fault: Fault | None) -> Response:
        name = fault.name if fault else ""
        lines = [misworded(line, name) for line in lines]
        answer = answer_to(lines, parts=message_parts(_text()), fault=name)
        match fault:
            case Fault(name="timeout", seconds=seconds):
                # The messages are on their way; only the answer does not arrive in time.
                for report in reports:
                    report.start()
                self.closing.wait(seconds)
            case Fault(name="lose_answer"):
                hang_up()
            case _:
                pass
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


def _text() -> str:
    return request.form.get("message", "")


def _recipients() -> list[str]:
    return [part.strip() for part in request.form.get("to", "").split(",") if part.strip()]
