"""Delivery reports: kept as they come, and believed so that a status never goes backwards."""

from typing import Final

import structlog
from sqlalchemy import Connection, case, func, select, text
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_out, sms_report

log = structlog.get_logger()

# Africa's Talking, docs "Delivery reports": these, of which the last three are final. Expired is
# known from RapidPro's production code only. Whatever else comes is kept and changes nothing.
MEANING: Final = {
    "Sent": "interim",
    "Submitted": "interim",
    "Buffered": "interim",
    "Success": "delivered",
    "Failed": "undelivered",
    "Rejected": "undelivered",
    "Expired": "undelivered",
}
_FINAL: Final = ("delivered", "undelivered")
# A report proves that the provider has the message, even where its answer was lost.
_OPEN: Final = ("sending", "unknown", "accepted", "interim")
_LOCK = text("SELECT pg_advisory_xact_lock(hashtextextended(:provider_id, 4))")


def record_report(
    connection: Connection,
    *,
    provider_id: str,
    status: str,
    failure: str | None = None,
    network: str | None = None,
    price: tuple[int, str] | None = None,
    parts: int | None = None,
) -> None:
    """Keep a report and move its message on; a repeat is counted and changes nothing.

    `price` is millionths of a currency, and that currency, where only the report names it.
    A report of a message we do not know (yet) waits for the provider's answer to name it.
    """
    lock_provider_id(connection, provider_id=provider_id)
    row = insert(sms_report).values(
        provider_id=provider_id, status=status, failure=failure, network=network
    )
    connection.execute(
        row.on_conflict_do_update(
            index_elements=["provider_id", "status"], set_={"times": sms_report.c.times + 1}
        )
    )
    if status not in MEANING:
        log.warning("sms_status_unknown", status=status, provider_id=provider_id)
    apply_reports(connection, provider_id=provider_id)
    if price is not None:
        _add_price(connection, provider_id, price, parts)


def lock_provider_id(connection: Connection, *, provider_id: str) -> None:
    """Make a report and the answer it overtook wait for each other; taken before any row."""
    connection.execute(_LOCK, {"provider_id": provider_id})


def apply_reports(connection: Connection, *, provider_id: str) -> None:
    """Bring the message up to its reports: the first final one wins, interim ones come before."""
    told = connection.execute(_TELLING.where(sms_report.c.provider_id == provider_id)).first()
    if told is None:
        return
    connection.execute(
        sms_out.update()
        .where(sms_out.c.provider_id == provider_id, sms_out.c.status.in_(_OPEN))
        .values(
            status=MEANING[told.status],
            provider_status=told.status,
            failure=told.failure,
            reported_at=func.kibeezy_now(),
        )
    )


def _add_price(
    connection: Connection, provider_id: str, price: tuple[int, str], parts: int | None
) -> None:
    micros, currency = price
    connection.execute(
        sms_out.update()
        .where(sms_out.c.provider_id == provider_id, sms_out.c.cost_micros.is_(None))
        .values(
            cost_micros=micros,
            cost_currency=currency,
            parts=func.coalesce(sms_out.c.parts, parts),
        )
    )


_IS_FINAL = sms_report.c.status.in_([word for word, meant in MEANING.items() if meant in _FINAL])
_TELLING = (
    select(sms_report.c.status, sms_report.c.failure)
    .where(sms_report.c.status.in_(MEANING))
    .order_by(case((_IS_FINAL, 0), else_=1), sms_report.c.first_at)
    .limit(1)
)
