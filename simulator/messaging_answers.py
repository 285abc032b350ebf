"""What Africa's Talking answers to an order of SMS, and how it is spoilt on the way."""

import json
from collections.abc import Sequence
from typing import TypeAlias

from flask import Response, request

from simulator.daraja.refusals import GATEWAY_PAGE
from simulator.segments import message_parts
from simulator.sms_faults import RECIPIENT_CODES

COST_PER_PART_KES = 0.8
# The total comes in the account's currency, each recipient's cost in the recipient's own.
COST_PER_PART_USD = 0.0079

SENT, QUEUED, INSUFFICIENT_BALANCE = 101, 102, 405
# The provider's SDK reads JSON only under the bare type, without a charset.
JSON, JSON_WITH_CHARSET = "application/json", "application/json; charset=utf-8"
# "None" is literal: the provider sends the word where there is no id.
NO_ID = "None"

Line: TypeAlias = dict[str, object]

_WHOLE_ANSWERS = {
    "cut": (200, "text/plain", ""),
    "error_500": (500, "text/plain", "Internal Server Error"),
    "html_502": (502, "text/html", GATEWAY_PAGE),
    "throttle": (429, "text/plain", "Too Many Requests"),
    "unauthorised": (401, "text/plain", "The supplied authentication is invalid"),
}


def refused_as_a_whole(fault: str, *, recipients: Sequence[str], text: str) -> Response | None:
    """Return the answer to an order of which nothing goes out; None where it does."""
    if fault in _WHOLE_ANSWERS:
        status, content_type, body = _WHOLE_ANSWERS[fault]
        return Response(body, status, content_type=content_type)
    match fault:
        case "invalid_sender":
            return invalid_sender()
        case "no_recipients":
            return _sms_message_data(f"Sent to 0/{len(recipients)} Total Cost: 0", [])
        case "no_credit":
            return _refuse_all(recipients, INSUFFICIENT_BALANCE, text)
        case str() if fault.startswith("code_"):
            return _refuse_all(recipients, int(fault.removeprefix("code_")), text)
        case _:
            return None


def unauthorised() -> Response:
    """Return the answer to a wrong key or name."""
    status, content_type, body = _WHOLE_ANSWERS["unauthorised"]
    return Response(body, status, content_type=content_type)


def invalid_sender() -> Response:
    """Return the answer to a sender's name that is not registered."""
    return _sms_message_data("InvalidSenderId", [])


def accepted(recipient: str, *, message_id: str, text: str) -> Line:
    """Return the line of a recipient to whom the message goes out."""
    return {
        "cost": f"KES {COST_PER_PART_KES * message_parts(text):.4f}",
        "messageId": message_id,
        "number": recipient,
        "status": "Success",
        "statusCode": QUEUED if request.form.get("enqueue") == "1" else SENT,
    }


def refused(recipient: str, code: int) -> Line:
    """Return the line of a recipient who is refused."""
    return {
        "cost": "0",
        "messageId": NO_ID,
        "number": recipient,
        "status": RECIPIENT_CODES[code],
        "statusCode": code,
    }


def misworded(line: Line, fault: str) -> Line:
    """Return an accepted recipient's line as the fault has it."""
    match fault:
        case "no_cost":
            return {name: value for name, value in line.items() if name != "cost"}
        case "zero_cost":
            return {**line, "cost": "0"}
        case "usd_cost":
            return {**line, "cost": f"USD {COST_PER_PART_USD:.4f}"}
        case "no_id":
            return {**line, "messageId": NO_ID}
        case _:
            return line


def answer_to(lines: list[Line], *, parts: int, fault: str = "") -> Response:
    """Return the answer to an order, recipient by recipient."""
    went_out = sum(line["status"] == "Success" for line in lines)
    total = f"USD {COST_PER_PART_USD * parts * went_out:.4f}" if went_out else "0"
    summary = f"Sent to {went_out}/{len(lines)} Total Cost: {total}"
    if went_out:
        summary += f" Message parts: {parts + (fault == 'wrong_parts')}"
    return _sms_message_data(summary, lines, fault)


def _refuse_all(recipients: Sequence[str], code: int, text: str) -> Response:
    lines = [refused(recipient, code) for recipient in recipients]
    return answer_to(lines, parts=message_parts(text))


def _sms_message_data(summary: str, lines: list[Line], fault: str = "") -> Response:
    body = json.dumps({"SMSMessageData": {"Message": summary, "Recipients": lines}})
    if fault == "truncated":
        body = body[: len(body) // 2]
    content_type = JSON_WITH_CHARSET if fault == "with_charset" else JSON
    return Response(body, 201, content_type=content_type)
