"""Where Daraja tells of payments to the paybill: before one is made, and after."""

from http import HTTPStatus
from typing import Final

import structlog
from flask import Blueprint, Response, abort, jsonify, request
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from core.database import in_transaction, time_limit
from core.paybill.validate_payment import Objection, validate_payment
from core.provider.store_callback import store_confirmation
from core.settings import Settings
from payments.mpesa.c2b import read_request, redact_payment
from payments.routes import accepted, read_body
from payments.senders import is_allowed

log = structlog.get_logger()

# The answer is due within 500 ms. Daraja would wait 8 s and then do as if we had accepted.
LOOK_UP_SECONDS: Final = 0.4
ACCEPTED: Final = "0"
# daraja.md §5.1 (official).
_REFUSALS: Final = {Objection.ACCOUNT: "C2B00012", Objection.AMOUNT: "C2B00013"}
_ANOTHER_SHORTCODE: Final = "C2B00015"


def blueprint(*, database: Engine, settings: Settings) -> Blueprint:
    """The routes under /payments/c2b/<secret>/; a wrong secret is not found."""
    routes = Blueprint("c2b", __name__, url_prefix="/payments/c2b/<secret>")

    @routes.before_request
    def check_secret() -> None:
        given = str((request.view_args or {}).pop("secret", ""))
        if not settings.knows_paybill_secret(given):
            abort(HTTPStatus.NOT_FOUND)

    @routes.post("/validation")
    def validation() -> Response:
        """Refuse what could surely not be credited, accept all else; nothing is stored."""
        code = _code_for(read_body(request), database=database, settings=settings)
        words = "Accepted" if code == ACCEPTED else "Rejected"
        return jsonify(ResultCode=code, ResultDesc=words)

    @routes.post("/confirmation")
    def confirmation() -> Response:
        """Keep what is told and say so; the worker asks Daraja whether it is true."""
        kept, trusted = redact_payment(read_body(request)), is_allowed(request, settings=settings)
        in_transaction(database, lambda c: store_confirmation(c, body=kept, trusted=trusted))
        if not trusted:
            log.warning("callback_from_elsewhere", address=request.remote_addr)
        return accepted()

    return routes


def _code_for(body: bytes, *, database: Engine, settings: Settings) -> str:
    """Daraja's code. What cannot be read, or not looked up in time, is accepted."""
    asked = read_request(body)
    if asked.shortcode is None or asked.amount is None or asked.account is None:
        return ACCEPTED
    if asked.shortcode != settings.mpesa_shortcode:
        return _ANOTHER_SHORTCODE
    readers = database.execution_options(isolation_level="AUTOCOMMIT")
    try:
        with readers.connect() as connection, time_limit(LOOK_UP_SECONDS):
            objection = validate_payment(
                connection,
                account=asked.account,
                amount=asked.amount,
                settings=settings,
            )
    except SQLAlchemyError as error:
        log.warning("paybill_not_validated", error=type(error).__name__)
        return ACCEPTED
    return ACCEPTED if objection is None else _REFUSALS[objection]
