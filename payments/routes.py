"""Where Daraja calls us back."""

import re
from http import HTTPStatus
from typing import Final

import structlog
from flask import Blueprint, Request, Response, jsonify, request
from sqlalchemy import Engine
from werkzeug.exceptions import ClientDisconnected

from core.database import in_transaction
from core.provider.store_callback import CallbackKind, store_callback
from core.settings import Settings
from payments.mpesa.callbacks import redact
from payments.senders import is_allowed

log = structlog.get_logger()

LARGEST_BODY_BYTES: Final = 16 * 1024
_TOKEN: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)
# What ends with a token of our own: a push, a payout, a question about a payment.
_TOKEN_ROUTES: Final = {
    "/payments/stk/<token>": CallbackKind.STK,
    "/payments/b2c/<token>/result": CallbackKind.B2C_RESULT,
    "/payments/b2c/<token>/timeout": CallbackKind.B2C_TIMEOUT,
    "/payments/status/<token>/result": CallbackKind.STATUS_RESULT,
    "/payments/status/<token>/timeout": CallbackKind.STATUS_TIMEOUT,
}


def blueprint(*, database: Engine, settings: Settings) -> Blueprint:
    """The routes that Daraja posts to."""
    routes = Blueprint("payments", __name__)

    def receive(token: str, kind: CallbackKind) -> Response:
        """Keep the callback and say so; the worker judges it. 404 where the token is nobody's."""
        body = read_body(request)
        if not _TOKEN.fullmatch(token):
            return Response(status=HTTPStatus.NOT_FOUND)
        kept, trusted = redact(body), is_allowed(request, settings=settings)
        known = in_transaction(
            database,
            lambda c: store_callback(c, kind=kind, token=token, body=kept, trusted=trusted),
        )
        if not known:
            return Response(status=HTTPStatus.NOT_FOUND)
        if not trusted:
            log.warning("callback_from_elsewhere", address=request.remote_addr)
        return accepted()

    for rule, kind in _TOKEN_ROUTES.items():
        routes.add_url_rule(
            rule,
            endpoint=kind.value,
            view_func=receive,
            methods=["POST"],
            defaults={"kind": kind},
        )
    return routes


def accepted() -> Response:
    """What Daraja is told whatever happens later: it calls once, and a refusal loses the news."""
    return jsonify(ResultCode=0, ResultDesc="Accepted")


def read_body(received: Request) -> bytes:
    """The raw body. Raises RequestEntityTooLarge, also for one that comes without a length."""
    received.max_content_length = LARGEST_BODY_BYTES
    try:
        return received.get_data(cache=False)
    except ClientDisconnected:
        return b""
