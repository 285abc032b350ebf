"""Whether a form was sent by one of our own pages: the browser's word, and a token of the session.

Flask-WTF keeps its token in a cookie of Flask's, and there is none here: see docs/adr/0043.
"""

from hmac import compare_digest
from typing import Final
from urllib.parse import urlsplit

from flask import Request

from core.keyed_hash import Pepper
from core.staff.sessions import Session

FIELD: Final = "csrf"


def token_of(session: Session, *, key: Pepper) -> str:
    """What each form of this session carries."""
    return key.mac("csrf", str(session.id)).hex()


def has_token(request: Request, session: Session, *, key: Pepper) -> bool:
    """Whether the form carries its session's token."""
    given = request.form.get(FIELD, "")
    return compare_digest(given.encode(), token_of(session, key=key).encode())


def is_from_here(request: Request, *, public_url: str) -> bool:
    """Whether the browser says that one of our pages sent it; saying nothing is not enough."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None and site != "same-origin":
        return False
    source = request.headers.get("Origin") or request.headers.get("Referer")
    if source is None:
        return False
    there = urlsplit(source)
    if there.scheme not in {"http", "https"}:
        return False
    return there.netloc in {request.host, urlsplit(public_url).netloc}
