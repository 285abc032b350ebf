"""Delivery reports: kept as they come, and believed so that a status never goes backwards."""

from collections.abc import Sequence
from typing import Final

import structlog
from sqlalchemy import Connection, Row, func, or_, select, text
from sqlalchemy.dialects.postgresql import insert

from core.notices.costs import MessagePrice
from core.notices.records import MEANING, sms_out, sms_report

log = structlog.get_logger()

# Each state may become any behind it: a phone that has a message keeps it. A report proves that
# the provider has the message, even where its answer was lost.
_WAY: Final = ("sending", "unknown", "accepted", "interim", "undelivered", "delivered")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:provider_id, 4))")


def record_report(
    connection: Connection,
    *,
    provider_id: str,
    status: str,
    failure: str | None = None,
    network: str | None = None,
    price: MessagePrice | None = None,
    parts: int | None = None,
) -> None:
    """Keep a report and move its message on; a repeat is counted and changes nothing.

    A report of a message we do not know (yet) waits for the provider's answer to name it. Price
    and parts are for a provider that names them only here.
    """
    lock_provider_id(connection, provider_id=provider_id)
    cost_micros, cost_currency = price or (None, None)
    row = insert(sms_report).values(
        provider_id=provider_id,
        status=status,
        failure=failure,
        network=network,
        cost_micros=cost_micros,
        cost_currency=cost_currency,
        parts=parts,
    )
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["provider_id", "status"], set_={"times": sms_report.c.times + 1}
        )
    )
    if status not in MEANING:
        log.warning("sms_status_unknown", status=status, provider_id=provider_id)
    apply_reports(connection, provider_id=provider_id)


def lock_provider_id(connection: Connection, *, provider_id: str) -> None:
    """Make a report and the answer it overtook wait for each other; taken before any row."""
    connection.execute(_LOCK, {"provider_id": provider_id})


def apply_reports(connection: Connection, *, provider_id: str) -> None:
    """Bring the message up to its reports, whatever their order.

    Delivered is stronger than undelivered, and both than anything on the way. Whose phone a report
    names is not looked at: networks mask numbers, and only the id says which message is meant.
    """
    reports = connection.execute(_BELIEVED.where(sms_report.c.provider_id == provider_id)).all()
    if not reports:
        return
    # Of equals the first one.
    told = max(reports, key=lambda report: _WAY.index(MEANING[report.status]))
    before = _before(MEANING[told.status])
    learned = _learned(reports)
    details = {name: func.coalesce(sms_out.c[name], value) for name, value in learned.items()}
    ours = sms_out.update().where(sms_out.c.provider_id == provider_id)
    moved = ours.where(sms_out.c.status.in_(before)).values(
        **details,
        status=MEANING[told.status],
        provider_status=told.status,
        failure=told.failure,
        reported_at=func.kibeezy_now(),
    )
    if connection.execute(moved).rowcount == 0 and learned:
        missing = or_(*(sms_out.c[name].is_(None) for name in learned))
        # What waits to be sent again will have a network and a price of its own.
        connection.execute(ours.where(missing, sms_out.c.status != "queued").values(**details))


def _before(state: str) -> tuple[str, ...]:
    """The states that a report may take a message out of, to bring it to this one.

    One that waits to be sent again, for the provider had refused it, was taken after all where the
    provider says that it is on its way; that it did not arrive is known.
    """
    way = _WAY[: _WAY.index(state)]
    return way if state == "undelivered" else (*way, "queued")


def _learned(reports: Sequence[Row[*tuple[object, ...]]]) -> dict[str, object]:
    """What the reports say besides the status; the first that says it counts."""
    found: dict[str, object] = {}
    for name in ("network", "cost_micros", "cost_currency", "parts"):
        values = (getattr(report, name) for report in reports)
        value = next((each for each in values if each is not None), None)
        if value is not None:
            found[name] = value
    return found


_BELIEVED = (
    select(sms_report)
    .where(sms_report.c.status.in_(MEANING))
    .order_by(sms_report.c.first_at, sms_report.c.status)
)
