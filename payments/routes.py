"""Where Daraja calls us back."""

import re
from http import HTTPStatus
from typing import Final

import structlog
from flask import Blueprint, Response, jsonify, request
from sqlalchemy import Engine
from werkzeug.exceptions import RequestEntityTooLarge

from core.database import in_transaction
from core.provider.store_callback import CallbackKind, store_callback
from core.settings import Settings
from payments.bodies import read_body
from payments.mpesa.callbacks import redact
from payments.senders import is_allowed

log = structlog.get_logger()

_TOKEN: Final = re.compile(r"[0-9a-f]{32}", re.ASCII)


def blueprint(*, database: Engine, settings: Settings) -> Blueprint:
    """The routes that Daraja posts to."""
    routes = Blueprint("payments", __name__)

    @routes.post("/payments/stk/<token>")
    def stk(token: str) -> Response:
        """Keep the callback and say so; the worker judges it. 404 where the token is nobody's."""
        try:
            body = read_body(request)
        except RequestEntityTooLarge:
            return Response(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if not _TOKEN.fullmatch(token):
            return Response(status=HTTPStatus.NOT_FOUND)
        kept, trusted = redact(body), is_allowed(request, settings=settings)
        known = in_transaction(
            database,
            lambda c: store_callback(
                c, kind=CallbackKind.STK, token=token, body=kept, trusted=trusted
            ),
        )
        if not known:
            return Response(status=HTTPStatus.NOT_FOUND)
        if not trusted:
            log.warning("callback_from_elsewhere", address=request.remote_addr)
        return jsonify(ResultCode=0, ResultDesc="Accepted")

    return routes
