"""The short code's HTTP door: always 200, always a page."""

from hmac import compare_digest
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request
from redis.exceptions import RedisError
from werkzeug.exceptions import RequestEntityTooLarge

from core.settings import Settings
from core.text import Language, Text, _
from ussd.conversation import Conversation, Reply
from ussd.gateway import MalformedHopError, end_answer, go_on_answer, read_hop

log = structlog.get_logger()

LARGEST_BODY_BYTES: Final = 16 * 1024

MALFORMED = _("We did not understand the network. No money was taken. Please dial again.")
# The commit may have been the last thing that worked, so nothing is said about money but this.
TROUBLE = _("Sorry, we have a problem. If you placed a bet, an SMS confirms it. Please dial again.")


def blueprint(*, settings: Settings, conversation: Conversation) -> Blueprint:
    """The routes of the gateway that speaks for the phone networks."""
    routes = Blueprint("ussd", __name__)

    @routes.post("/ussd/<secret>")
    def hop(secret: str) -> Response:
        _check_secret(secret, settings)
        try:
            request.max_content_length = LARGEST_BODY_BYTES
            hop = read_hop(request.form, service_code=settings.ussd_service_code)
            return _answer(conversation.answer(hop))
        except (MalformedHopError, RequestEntityTooLarge, ValueError):
            log.warning("hop_malformed")
            return _sorry(MALFORMED, "malformed")
        except RedisError:
            log.exception("sessions_unreachable")
            return _sorry(TROUBLE, "trouble")
        except Exception:
            log.exception("hop_failed")
            return _sorry(TROUBLE, "trouble")

    @routes.post("/ussd/<secret>/events")
    def session_ended(secret: str) -> Response:
        # The notification repeats every input, PINs too, so nothing of it is kept.
        _check_secret(secret, settings)
        return Response(status=200)

    return routes


def _check_secret(secret: str, settings: Settings) -> None:
    given = secret.encode()
    known = [one.encode() for one in settings.at_callback_secrets]
    matches = [compare_digest(given, one) for one in known]
    if not any(matches):
        abort(404)


def _answer(reply: Reply) -> Response:
    body = end_answer(reply.body) if reply.ends else go_on_answer(reply.body)
    return _page(body, reply.screen)


def _sorry(text: Text, screen: str) -> Response:
    return _page(end_answer(text.in_(Language.ENGLISH)), screen)


def _page(body: str, screen: str) -> Response:
    headers = {"at-ussd-hop-metadata": screen}
    return Response(body, content_type="text/plain; charset=utf-8", headers=headers)
