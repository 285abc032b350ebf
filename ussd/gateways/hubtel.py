"""Hubtel's JSON of a hop: numbered, with only what was typed last."""

import json
import re
from collections.abc import Mapping
from typing import Final, TypeGuard

from core.phone import InvalidPhone, parse_phone
from ussd.hop import Hop, MalformedHopError, Numbered, digits_behind

# No other gateway's ids may hold a slash, so no session and no key of a bet is ever shared.
_OURS: Final = "hubtel/"
_SESSION_ID = re.compile(r"[\w\-]{1,64}", re.ASCII)
# An integer in one copy of the reference, a string in the other; no session has a thousand hops.
_NUMBER = re.compile(r"[1-9]\d{0,2}", re.ASCII)
_MOBILE = re.compile(r"254\d{9}", re.ASCII)
# What a network lets a caller type on one page: 182 septets.
LONGEST_MESSAGE: Final = 182
_TITLE: Final = "Kibeezy"

Sent = Mapping[str, object]


def read_json(body: bytes) -> Sent:
    """The fields of a push; none of them where the body is not a JSON object in UTF-8."""
    try:
        sent = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return sent if isinstance(sent, dict) else {}


def tells_an_end(sent: Sent) -> bool:
    """Whether this only says that the session is over; nobody reads what is answered.

    Source: the reference has `Timeout` for a caller who hung up, the SDK for an answer of ours
    that came too late; `Release` is in older copies. None says that our last page was seen, so
    the next dial still tells what came of it.
    """
    return _kind(sent) in {"timeout", "release"}


def read_hop(sent: Sent, *, service_code: str) -> Hop:
    """Read the fields of a push for our short code. Raises MalformedHopError.

    Source: Hubtel's Programmable Services API, "Push request". Only USSD is taken, where the
    network vouches for the number; the app and the web shop name one themselves.
    """
    if _text(sent, "Platform").lower() != "ussd":
        raise MalformedHopError
    session_id, phone, message = _session_id(sent), _phone(sent), _message(sent)
    match _kind(sent), _number(sent):
        case "initiation", 1:
            behind = digits_behind(message, service_code=service_code)
            return Hop(session_id, phone, Numbered(1, message), behind)
        case "response", number if number > 1:
            return Hop(session_id, phone, Numbered(number, message))
        case _:
            raise MalformedHopError


def go_on_answer(sent: Sent, body: str) -> dict[str, str]:
    """The answer that shows a page and waits for what is typed."""
    return _answer(sent, body, kind="response", data="input")


def end_answer(sent: Sent, body: str = _TITLE) -> dict[str, str]:
    """The answer that shows a page and ends the session."""
    return _answer(sent, body, kind="release", data="display")


def _answer(sent: Sent, body: str, *, kind: str, data: str) -> dict[str, str]:
    session_id = sent.get("SessionId")
    return {
        "SessionId": session_id if _is_session_id(session_id) else "",
        "Type": kind,
        "Message": body,
        "Label": _TITLE,
        # It would come back with the next hop, over a network that we do not own.
        "ClientState": "",
        "DataType": data,
        "FieldType": "text",
    }


def _kind(sent: Sent) -> str:
    kind = sent.get("Type")
    return kind.lower() if isinstance(kind, str) else ""


def _text(sent: Sent, name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise MalformedHopError
    return value


def _is_session_id(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and _SESSION_ID.fullmatch(value) is not None


def _session_id(sent: Sent) -> str:
    session_id = sent.get("SessionId")
    if not _is_session_id(session_id):
        raise MalformedHopError
    return _OURS + session_id


def _phone(sent: Sent) -> str:
    mobile = _text(sent, "Mobile")
    if not _MOBILE.fullmatch(mobile):
        raise MalformedHopError
    try:
        return parse_phone(mobile)
    except InvalidPhone as error:
        raise MalformedHopError from error


def _message(sent: Sent) -> str:
    message = _text(sent, "Message")
    # JSON can spell half a character, which no hash and no table takes.
    half = any("\ud800" <= character <= "\udfff" for character in message)
    if len(message) > LONGEST_MESSAGE or half or "\x00" in message or "\ufffd" in message:
        raise MalformedHopError
    return message


def _number(sent: Sent) -> int:
    match sent.get("Sequence"):
        case bool():
            raise MalformedHopError
        case int() | str() as sequence if _NUMBER.fullmatch(str(sequence)):
            return int(sequence)
        case _:
            raise MalformedHopError
