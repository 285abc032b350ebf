"""What providers of SMS post: messages from phones, delivery reports, opt-outs, new SIMs."""

from dataclasses import dataclass
from typing import Final

from flask import Blueprint, Response, abort, request
from sqlalchemy import Connection, Engine

from core.database import in_transaction
from core.keyed_hash import Pepper
from core.notices.reports import record_report
from core.phone import InvalidPhone, parse_phone
from core.players.news import stop_news
from core.settings import Settings
from core.text import storable
from core.withdrawals.check_sim import sim_answered
from sms.commands import take_message
from sms.dates import read_date
from sms.desk import Desk
from sms.infobip import InfobipReport, read_reports
from sms.sim_swap import read_sim_news
from sms.statuses import LONGEST_WORD

MAX_BODY_BYTES: Final = 16 * 1024
# Infobip posts up to 100 reports at once unless it is told otherwise.
MAX_BATCH_BYTES: Final = 256 * 1024
MAX_ID_LENGTH: Final = 200
# Ten segments; more than a phone of our players can write.
MAX_TEXT_LENGTH: Final = 1530


def blueprint(*, database: Engine, settings: Settings, pepper: Pepper) -> Blueprint:
    """The routes under /sms/<secret>/. They call no network; an answer waits in the outbox."""
    routes = Blueprint("sms", __name__, url_prefix="/sms/<secret>")
    callbacks = _Callbacks(database, Desk(database, pepper, settings))
    for rule, view in (
        ("/inbound", callbacks.inbound),
        ("/delivery", callbacks.delivery),
        ("/infobip/delivery", callbacks.infobip_delivery),
        ("/opt-out", callbacks.opt_out),
        ("/sim-swap", callbacks.sim_swap),
    ):
        routes.add_url_rule(rule, view_func=view, methods=["POST"])

    @routes.before_request
    def check_secret() -> None:
        given = str((request.view_args or {}).pop("secret", ""))
        # Infobip keeps the address of its reports with each message: it opens nothing else, or
        # whoever reads its logs could write as any player.
        is_infobip = request.endpoint == "sms.infobip_delivery"
        knows = settings.knows_infobip_secret if is_infobip else settings.knows_callback_secret
        if not knows(given):
            abort(404)
        request.max_content_length = MAX_BATCH_BYTES if is_infobip else MAX_BODY_BYTES

    return routes


@dataclass(frozen=True)
class _Callbacks:
    database: Engine
    desk: Desk

    def inbound(self) -> Response:
        fields = _fields()
        provider_id, sender = _identifier(fields), fields.get("from", "")[:LONGEST_WORD]
        if not sender:
            abort(400, "from is missing")
        body = fields.get("text", "")[:MAX_TEXT_LENGTH]
        written_at = read_date(fields.get("date", "")[:LONGEST_WORD])
        in_transaction(
            self.database,
            lambda c: take_message(
                c,
                desk=self.desk,
                provider_id=provider_id,
                sender=sender,
                body=body,
                written_at=written_at,
            ),
        )
        return _accepted()

    def delivery(self) -> Response:
        fields = _fields()
        provider_id, status = _identifier(fields), fields.get("status", "")[:LONGEST_WORD]
        if not status:
            abort(400, "status is missing")
        in_transaction(
            self.database,
            lambda c: record_report(
                c,
                provider_id=provider_id,
                status=status,
                failure=fields.get("failureReason", "")[:LONGEST_WORD] or None,
                network=fields.get("networkCode", "")[:LONGEST_WORD] or None,
            ),
        )
        return _accepted()

    def infobip_delivery(self) -> Response:
        # Whatever is no report is left out and answered 200: a refusal is posted again for a day.
        reports = read_reports(_json())
        if reports:
            in_transaction(self.database, lambda c: _record_all(c, reports))
        return _accepted()

    def opt_out(self) -> Response:
        try:
            phone = parse_phone(_fields().get("phoneNumber", ""))
        except InvalidPhone:
            abort(400, "phoneNumber is missing or not a number")
        in_transaction(self.database, lambda c: stop_news(c, phone=phone))
        return _accepted()

    def sim_swap(self) -> Response:
        news = read_sim_news(_fields())
        if news is None:
            abort(400, "requestId is missing or too long")
        in_transaction(
            self.database,
            lambda c: sim_answered(
                c,
                request_id=news.request_id,
                answer=news.answer,
                swapped_on=news.swapped_on,
            ),
        )
        return _accepted()


def _fields() -> dict[str, str]:
    if not request.is_json:
        return {name: storable(value).strip() for name, value in request.form.items()}
    data = _json()
    if not isinstance(data, dict):
        abort(400, "not a JSON object")
    return {name: storable(str(value)).strip() for name, value in data.items() if _is_plain(value)}


def _json() -> object:
    try:
        return request.get_json(silent=True, force=True)
    except RecursionError:
        return None


def _record_all(connection: Connection, reports: list[InfobipReport]) -> None:
    for report in reports:
        record_report(
            connection,
            provider_id=report.provider_id,
            status=report.status,
            failure=report.failure,
            network=report.network,
            price=report.price,
            parts=report.parts,
        )


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool)


def _identifier(fields: dict[str, str]) -> str:
    provider_id = fields.get("id", "")
    if not 0 < len(provider_id) <= MAX_ID_LENGTH:
        abort(400, "id is missing or too long")
    return provider_id


def _accepted() -> Response:
    return Response("OK", mimetype="text/plain")
