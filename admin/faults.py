"""What the staff page says when it cannot do what was asked."""

from typing import Final

import structlog
from flask import Response, g, make_response, redirect, render_template, request, url_for
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from core.database import CommitUnknownError
from core.errors import NoSuchThing, Refused
from core.text import Language

log = structlog.get_logger()

_LOOK_FIRST: Final = "Look whether your last step was done before you do it again."
_WORDS: Final = {
    400: (
        "This form cannot be taken",
        """It was not sent by this page, or you have signed in anew since it was opened. Nothing was
        done: go back, reload the page and send it again.""",
    ),
    401: (
        "You are signed out",
        """After 15 minutes without a click, after 8 hours, and after five wrong proofs one is.
        Nothing was done: sign in and do it again.""",
    ),
    403: ("Not for your role", "Nothing was done. Ask an owner if you need it."),
    404: ("There is no such page", "The address may be cut off. Nothing was done."),
    405: ("There is no such page", "It is reached by a button, not by its address."),
    413: ("That is too much", "Nothing was done. Send less at once."),
    429: ("Too many tries", "Wait ten minutes. Who is signed in stays so."),
    500: ("Something went wrong here", f"It is in the log. {_LOOK_FIRST}"),
    503: ("The database does not answer", f"Nothing is lost. {_LOOK_FIRST}"),
}


def page_of_fault(error: Exception) -> Response:
    """A page in words with the right status; what nobody expected is logged, without its path."""
    match error:
        case HTTPException(code=401) if request.method == "GET":
            return _to_sign_in()
        case HTTPException(code=400) if request.method == "GET":
            return _page(400, "This address cannot be read", "Nothing was done. Go back.")
        case HTTPException(code=int(code)) if code in _WORDS:
            return _page(code, *_WORDS[code])
        case HTTPException():
            return make_response(error)
        case NoSuchThing():
            return _page(404, error.text.in_(Language.ENGLISH), "Look at the number again.")
        case Refused():
            return _page(422, "That cannot be done", error.text.in_(Language.ENGLISH))
        case CommitUnknownError() | SQLAlchemyError():
            log.error("request_failed", endpoint=request.endpoint, exc_info=error)
            return _page(503, *_WORDS[503])
        case _:
            log.error("request_failed", endpoint=request.endpoint, exc_info=error)
            return _page(500, *_WORDS[500])


def _to_sign_in() -> Response:
    if g.get("session") is not None and g.session.enrolment_id is not None:
        return make_response(redirect(url_for("admin.enrol_app"), 303))
    there = None if request.path == url_for("admin.home") else request.full_path.rstrip("?")
    return make_response(redirect(url_for("admin.sign_in", then=there), 303))


def _page(status: int, title: str, words: str) -> Response:
    page = render_template("staff/fault.html", title=title, words=words)
    return make_response(page, status)
