"""Everything that happened to one withdrawal, in its order, for whoever has to decide about it."""

from collections.abc import Iterator
from typing import Final

from sqlalchemy import Connection, select

from core.provider.subjects import Subject, SubjectKind
from core.provider.timeline import Event, Traces, happened, in_order
from core.withdrawals.records import Withdrawal, sim_answer, sim_question, withdrawal

# What was asked for stands on the withdrawal itself, and who looks changes nothing.
_TOLD_OR_LOOKED_UP: Final = ("withdrawal.requested", "withdrawal.shown")


def timeline(connection: Connection, found: Withdrawal) -> list[Event]:
    """What was asked, heard, looked up, posted and decided; changes nothing."""
    columns = withdrawal.c
    posted = select(
        columns.hold_transfer_id, columns.end_transfer_id, columns.clawback_transfer_id
    ).where(columns.id == found.id)
    traces = Traces(
        transfers=tuple(connection.execute(posted).one()),
        look="withdrawal_status",
        told=_TOLD_OR_LOOKED_UP,
    )
    subject = Subject(SubjectKind.WITHDRAWAL, found.id)
    asked = f"{found.amount}, {found.net} of it to the phone, reference {found.reference}"
    return [
        # The money was held a moment before the row was written.
        Event(found.requested_at, "asked for", asked),
        *in_order(
            [
                *_sim(connection, found),
                *happened(connection, subject=subject, traces=traces),
            ]
        ),
    ]


def _sim(connection: Connection, found: Withdrawal) -> Iterator[Event]:
    query = (
        select(sim_question, sim_answer.c.heard_at, sim_answer.c.answer, sim_answer.c.swapped_on)
        .outerjoin(sim_answer, sim_answer.c.request_id == sim_question.c.request_id)
        .where(sim_question.c.withdrawal_id == found.id)
    )
    for row in connection.execute(query):
        yield Event(row.asked_at, "SIM asked about", row.request_id or "")
        if row.heard_at is not None:
            swapped = "" if row.swapped_on is None else f" on {row.swapped_on}"
            yield Event(row.heard_at, "SIM answered", f"{row.answer}{swapped}")
