"""Everything that happened to one deposit, in its order, for whoever has to decide about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from core.audit_trail.records import audit_event
from core.audit_trail.words import in_words
from core.deposits.records import Deposit
from core.ledger.records import transfer
from core.outbox.records import outbox
from core.provider.records import provider_callback, status_question

# What was asked for stands on the deposit itself, and who looks changes nothing.
_TOLD_OR_LOOKED_UP: Final = ("deposit.requested", "deposit.shown")


@dataclass(frozen=True)
class Event:
    """One thing that happened, or is due to happen."""

    at: datetime
    what: str
    details: str


def timeline(connection: Connection, found: Deposit) -> list[Event]:
    """What was asked, heard, looked up, posted and decided; changes nothing."""
    events = [
        Event(found.requested_at, "asked for", f"{found.amount}, reference {found.reference}"),
        *_heard(connection, found),
        *_looks(connection, found),
        *_questions(connection, found),
        *_transfers(connection, found),
        *_audited(connection, found),
    ]
    return sorted(events, key=lambda event: event.at)


def _heard(connection: Connection, found: Deposit) -> Iterator[Event]:
    query = select(provider_callback).where(provider_callback.c.deposit_id == found.id)
    for row in connection.execute(query):
        sender = "" if row.trusted else ", from a stranger"
        yield Event(row.received_at, "callback", f"{row.verdict or 'not judged yet'}{sender}")


def _looks(connection: Connection, found: Deposit) -> Iterator[Event]:
    prefix = f"stk_query:{found.id}:"
    query = select(outbox).where(outbox.c.key.startswith(prefix, autoescape=True))
    for row in connection.execute(query):
        cause = row.key.removeprefix(prefix)
        if row.done_at is None:
            yield Event(row.due_at, "look due", cause)
        else:
            yield Event(row.done_at, "look", cause)


def _questions(connection: Connection, found: Deposit) -> Iterator[Event]:
    query = select(status_question).where(status_question.c.deposit_id == found.id)
    for row in connection.execute(query):
        yield Event(row.asked_at, "Transaction Status asked", row.conversation_id or "")
        if row.answered_at is not None:
            yield Event(row.answered_at, "Transaction Status answered", "")


def _transfers(connection: Connection, found: Deposit) -> Iterator[Event]:
    own = [found.transfer_id, found.freeze_transfer_id, found.reversal_transfer_id]
    posted = [transfer_id for transfer_id in own if transfer_id is not None]
    query = select(transfer).where(or_(transfer.c.id.in_(posted), transfer.c.reverses.in_(posted)))
    for row in connection.execute(query):
        yield Event(row.posted_at, "transfer", f"{row.kind} {row.id}")


def _audited(connection: Connection, found: Deposit) -> Iterator[Event]:
    query = select(audit_event).where(
        audit_event.c.subject == f"deposit:{found.id}", audit_event.c.act.not_in(_TOLD_OR_LOOKED_UP)
    )
    for row in connection.execute(query.order_by(audit_event.c.id)):
        told = [f"by {row.actor}", in_words(row.details)]
        yield Event(row.at, row.act, ", ".join(filter(None, told)))
