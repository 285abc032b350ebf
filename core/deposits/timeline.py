"""Everything that happened to one deposit, in its order, for whoever has to decide about it."""

from typing import Final

from sqlalchemy import Connection

from core.deposits.records import Deposit
from core.provider.subjects import Subject, SubjectKind
from core.provider.timeline import Event, Traces, happened, in_order

# What was asked for stands on the deposit itself, and who looks changes nothing.
_TOLD_OR_LOOKED_UP: Final = ("deposit.requested", "deposit.shown")


def timeline(connection: Connection, found: Deposit) -> list[Event]:
    """What was asked, heard, looked up, posted and decided; changes nothing."""
    traces = Traces(
        transfers=(found.transfer_id, found.freeze_transfer_id, found.reversal_transfer_id),
        look="stk_query",
        told=_TOLD_OR_LOOKED_UP,
    )
    asked = f"{found.amount}, reference {found.reference}"
    return in_order(
        [
            Event(found.requested_at, "asked for", asked),
            *happened(connection, subject=Subject(SubjectKind.DEPOSIT, found.id), traces=traces),
        ]
    )
