"""Everything that happened to one payment to the paybill, in its order, for whoever must decide."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from core.paybill.records import PaybillPayment, paybill_payment
from core.provider.subjects import Subject, SubjectKind
from core.provider.timeline import Event, Traces, happened, in_order

# What was heard stands on the payment itself, and who looks changes nothing.
_TOLD_OR_LOOKED_UP: Final = ("paybill.heard", "paybill.shown")


def timeline(connection: Connection, found: PaybillPayment) -> list[Event]:
    """What was heard, asked, answered, posted and decided; changes nothing."""
    columns = paybill_payment.c
    posted = select(columns.transfer_id, columns.place_transfer_id).where(columns.id == found.id)
    traces = Traces(
        transfers=tuple(connection.execute(posted).one()),
        look="paybill_status",
        told=_TOLD_OR_LOOKED_UP,
    )
    return in_order(
        [
            *_paid(found),
            *happened(connection, subject=Subject(SubjectKind.PAYBILL, found.id), traces=traces),
        ]
    )


def _paid(found: PaybillPayment) -> Iterator[Event]:
    told = f"{found.amount} for account {found.account or 'of no name'}, receipt {found.receipt}"
    if found.paid_at is not None:
        yield Event(found.paid_at, "paid", "by M-Pesa's clock")
    yield Event(found.heard_at, "heard of", told)
