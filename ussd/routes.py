"""The short code's HTTP door: always 200, always a page."""

import time
from typing import Final

import structlog
from flask import Blueprint, Response, abort, request
from prometheus_client import Counter, Histogram
from redis.exceptions import RedisError
from werkzeug.exceptions import RequestEntityTooLarge

from core.settings import Settings
from core.text import Language, Text, _
from ussd.conversation import Conversation, Reply
from ussd.gateway import MalformedHopError, end_answer, go_on_answer, read_hop

log = structlog.get_logger()

LARGEST_BODY_BYTES: Final = 16 * 1024

HOPS = Counter("kibeezy_hops", "Pages shown, by screen.", ["screen"])
HOP_SECONDS = Histogram("kibeezy_hop_seconds", "Time to answer a hop.")

MALFORMED = _("We did not understand the network. No money was taken. Please dial again.")
# The commit may have been the last thing that worked, so nothing is said about money but this.
TROUBLE = _("Sorry, we have a problem. If you placed a bet, an SMS confirms it. Please dial again.")


def blueprint(*, settings: Settings, conversation: Conversation) -> Blueprint:
    """The routes of the gateway that speaks for the phone networks."""
    routes = Blueprint("ussd", __name__)

    @routes.post("/ussd/<secret>")
    def hop(secret: str) -> Response:
        _check_secret(secret, settings)
        began = time.perf_counter()
        reply = answer()
        HOP_SECONDS.observe(time.perf_counter() - began)
        HOPS.labels(reply.screen).inc()
        return _page(reply)

    def answer() -> Reply:
        try:
            request.max_content_length = LARGEST_BODY_BYTES
            hop = read_hop(request.form, service_code=settings.ussd_service_code)
            return conversation.answer(hop)
        except (MalformedHopError, RequestEntityTooLarge):
            log.warning("hop_malformed")
            return _sorry(MALFORMED, "malformed")
        except RedisError:
            log.exception("sessions_unreachable")
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
    if not settings.knows_callback_secret(secret):
        abort(404)


def _sorry(text: Text, screen: str) -> Reply:
    return Reply(text.in_(Language.ENGLISH), ends=True, screen=screen)


def _page(reply: Reply) -> Response:
    body = end_answer(reply.body) if reply.ends else go_on_answer(reply.body)
    # Africa's Talking shows the header on its dashboard; it names a page, never what was typed.
    headers = {"at-ussd-hop-metadata": reply.screen}
    return Response(body, content_type="text/plain; charset=utf-8", headers=headers)
