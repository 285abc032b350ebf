"""Africa's Talking's form of a hop. A second gateway is a second file like this one."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from core.phone import InvalidPhone, parse_phone

# The session id's form is seen, not promised (`ATUid_` and 32 hex digits), so only its size counts.
_SESSION_ID = re.compile(r"[\w.:\-]{1,100}", re.ASCII)
LONGEST_TEXT: Final = 2_000


class MalformedHopError(Exception):
    """Not a hop that a gateway would send."""


@dataclass(frozen=True)
class Hop:
    """One step of a session. `text` is everything typed so far, joined by `*`."""

    session_id: str
    phone: str
    text: str


def read_hop(form: Mapping[str, str], *, service_code: str) -> Hop:
    """Read the fields of the callback for our short code. Raises MalformedHopError.

    Source: developers.africastalking.com/docs/ussd/handle_sessions. A `+` that was not escaped
    arrives as a space; such a number is refused, not repaired, for it could be somebody else's.
    """
    session_id = form.get("sessionId", "")
    phone = form.get("phoneNumber", "")
    text = form.get("text", "")
    if not _SESSION_ID.fullmatch(session_id) or not phone.startswith("+"):
        raise MalformedHopError
    if len(text) > LONGEST_TEXT or "\x00" in text or "\ufffd" in text:
        raise MalformedHopError
    if not _is_ours(form.get("serviceCode", ""), service_code):
        raise MalformedHopError
    try:
        return Hop(session_id, parse_phone(phone), text)
    except InvalidPhone as error:
        raise MalformedHopError from error


def end_answer(body: str) -> str:
    """The answer that shows a page and ends the session."""
    return f"END {body}"


def go_on_answer(body: str) -> str:
    """The answer that shows a page and waits for what is typed."""
    return f"CON {body}"


def _is_ours(dialled: str, service_code: str) -> bool:
    # Whether digits dialled behind the code arrive with it is not established, so both will do.
    base, code = service_code.removesuffix("#"), dialled.removesuffix("#")
    return code == base or code.startswith(f"{base}*")
