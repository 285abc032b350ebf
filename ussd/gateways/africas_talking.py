"""Africa's Talking's form of a hop, and of the notice that a session is over."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.phone import InvalidPhone, parse_phone
from ussd.hop import Cumulative, Hop, MalformedHopError, digits_behind

# The session id's form is seen, not promised (`ATUid_` and 32 hex digits), so only its size counts.
_SESSION_ID = re.compile(r"[\w.:\-]{1,100}", re.ASCII)
LONGEST_TEXT: Final = 2_000


def read_hop(form: Mapping[str, str], *, service_code: str) -> Hop:
    """Read the fields of the callback for our short code. Raises MalformedHopError.

    Source: developers.africastalking.com/docs/ussd/handle_sessions. A `+` that was not escaped
    arrives as a space; such a number is refused, not repaired, for it could be somebody else's.
    """
    text = form.get("text", "")
    if len(text) > LONGEST_TEXT or "\x00" in text or "\ufffd" in text:
        raise MalformedHopError
    behind = digits_behind(form.get("serviceCode", ""), service_code=service_code)
    return Hop(_session_id(form), _phone(form), Cumulative(text), behind)


@dataclass(frozen=True)
class SessionEnd:
    """The network's word on how a session ended; a hint, for it may never come."""

    session_id: str
    phone: str
    shown: bool
    left: bool


def read_end(form: Mapping[str, str]) -> SessionEnd:
    """Read the end-of-session notice; of its fields only those without inputs or pages.

    Source: developers.africastalking.com/docs/ussd/notifications. `Success` means that our last
    page ended the session, `Incomplete` that it ended while an answer was expected. Raises
    MalformedHopError.
    """
    status = form.get("status")
    shown, left = status == "Success", status == "Incomplete"
    return SessionEnd(_session_id(form), _phone(form), shown, left)


def go_on_answer(body: str) -> str:
    """The answer that shows a page and waits for what is typed."""
    return f"CON {body}"


def end_answer(body: str) -> str:
    """The answer that shows a page and ends the session."""
    return f"END {body}"


def _session_id(form: Mapping[str, str]) -> str:
    session_id = form.get("sessionId", "")
    if not _SESSION_ID.fullmatch(session_id):
        raise MalformedHopError
    return session_id


def _phone(form: Mapping[str, str]) -> str:
    phone = form.get("phoneNumber", "")
    if not phone.startswith("+"):
        raise MalformedHopError
    try:
        return parse_phone(phone)
    except InvalidPhone as error:
        raise MalformedHopError from error
