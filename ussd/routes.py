"""The short code's HTTP door: always 200, always a page."""

import time
from collections.abc import Callable
from typing import Final

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from prometheus_client import Counter, Histogram
from redis.exceptions import RedisError
from werkzeug.exceptions import RequestEntityTooLarge

from core.settings import Settings
from ussd.conversation import MALFORMED, NOTHING_KNOWN, Conversation, Reply, apologise
from ussd.gateways import africas_talking, hubtel
from ussd.hop import Hop, MalformedHopError

log = structlog.get_logger()

LARGEST_BODY_BYTES: Final = 16 * 1024

HOPS = Counter("kibeezy_hops", "Pages shown, by screen.", ["screen"])
HOP_SECONDS = Histogram("kibeezy_hop_seconds", "Time to answer a hop.")


def blueprint(*, settings: Settings, conversation: Conversation) -> Blueprint:
    """The routes of the gateways that speak for the phone networks."""
    routes = Blueprint("ussd", __name__)
    code = settings.ussd_service_code

    @routes.url_value_preprocessor
    def check(_endpoint: str | None, values: dict[str, str] | None) -> None:
        if not settings.knows_callback_secret((values or {}).pop("secret", "")):
            abort(404)
        request.max_content_length = LARGEST_BODY_BYTES

    @routes.post("/ussd/<secret>")
    def hop() -> Response:
        reply = _answer(
            conversation, lambda: africas_talking.read_hop(request.form, service_code=code)
        )
        return _page(reply)

    @routes.post("/ussd/<secret>/hubtel")
    def numbered_hop() -> Response:
        sent = hubtel.read_json(_json_body())
        if hubtel.tells_an_end(sent):
            return jsonify(hubtel.end_answer(sent))
        reply = _answer(conversation, lambda: hubtel.read_hop(sent, service_code=code))
        shown = hubtel.end_answer if reply.ends else hubtel.go_on_answer
        return jsonify(shown(sent, reply.body))

    @routes.post("/ussd/<secret>/events")
    def session_ended() -> Response:
        _take_notice(conversation)
        return Response(status=200)

    return routes


def _answer(conversation: Conversation, read: Callable[[], Hop]) -> Reply:
    began = time.perf_counter()
    try:
        reply = conversation.answer(read())
    except (MalformedHopError, RequestEntityTooLarge):
        log.warning("hop_malformed")
        reply = apologise(MALFORMED, reason="malformed")
    except Exception:
        log.exception("hop_failed")
        reply = apologise(NOTHING_KNOWN, reason="error")
    HOP_SECONDS.observe(time.perf_counter() - began)
    HOPS.labels(reply.screen).inc()
    return reply


def _take_notice(conversation: Conversation) -> None:
    # The notice repeats every input, PINs too, so nothing of it is kept.
    try:
        ended = africas_talking.read_end(request.form)
        if ended.shown:
            conversation.session_ended(session_id=ended.session_id, phone=ended.phone)
        if ended.left:
            conversation.session_left(session_id=ended.session_id, phone=ended.phone)
    except (MalformedHopError, RequestEntityTooLarge):
        log.warning("notice_malformed")
    except RedisError:
        log.warning("notice_lost")


def _json_body() -> bytes:
    try:
        return request.get_data() if request.is_json else b""
    except RequestEntityTooLarge:
        return b""


def _page(reply: Reply) -> Response:
    body = reply.body
    shown = africas_talking.end_answer(body) if reply.ends else africas_talking.go_on_answer(body)
    # Africa's Talking shows the header on its dashboard; it names a page, never what was typed.
    headers = {"at-ussd-hop-metadata": reply.screen}
    return Response(shown, content_type="text/plain; charset=utf-8", headers=headers)
