"""What happened to one payment, in the parts that deposits, withdrawals and the paybill share."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, or_, select

from core.audit_trail.records import audit_event
from core.audit_trail.words import in_words
from core.ledger.records import account, entry, transfer
from core.money import Money
from core.outbox.records import LOOKS, outbox
from core.provider.records import provider_callback, status_question
from core.provider.subjects import Subject

# Of a payout each sending has a schedule of its own, named by its second.
_SENDING: Final = re.compile(r"\d{9,}:", re.ASCII)


@dataclass(frozen=True)
class Line:
    """What a transfer put into an account, or took from it."""

    kind: str
    owner: int | None
    amount: Money

    @property
    def account(self) -> str:
        """Such as `player_available of player 7`."""
        return self.kind if self.owner is None else f"{self.kind} of player {self.owner}"

    def __str__(self) -> str:
        return f"{self.amount} {self.account}"


@dataclass(frozen=True)
class Event:
    """One thing that happened, or is due to happen.

    `raw` is what the provider posted, as it was kept: phone numbers and secrets are masked. `lines`
    are those of a transfer.
    """

    at: datetime
    what: str
    details: str
    raw: str | None = None
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Traces:
    """Where a payment left traces: its transfers, the job that looks after it, and what not to say.

    `told` are acts that say nothing new, such as that somebody looked.
    """

    transfers: Collection[int | None]
    look: str
    told: Collection[str]


def happened(connection: Connection, *, subject: Subject, traces: Traces) -> list[Event]:
    """What was heard, looked up, asked, answered, posted and decided; in no order."""
    return [
        *_heard(connection, subject),
        *_looks(connection, subject, traces.look),
        *_questions(connection, subject),
        *_answers(connection, subject),
        *_transfers(connection, traces.transfers),
        *_audited(connection, subject, traces.told),
    ]


def in_order(events: list[Event]) -> list[Event]:
    """The first thing first; what is still due comes last."""
    return sorted(events, key=lambda event: event.at)


def _heard(connection: Connection, subject: Subject) -> Iterator[Event]:
    query = select(provider_callback).where(provider_callback.c[subject.column] == subject.id)
    for row in connection.execute(query.order_by(provider_callback.c.id)):
        yield Event(row.received_at, "callback", _judged(row.verdict, row.trusted), raw=row.body)


def _looks(connection: Connection, subject: Subject, job: str) -> Iterator[Event]:
    assert job in LOOKS, "the index is of these"
    prefix = f"{job}:{subject.id}:"
    query = select(outbox).where(
        outbox.c.kind == job,
        outbox.c.key.startswith(prefix, autoescape=True),
    )
    for row in connection.execute(query.order_by(outbox.c.id)):
        cause = _SENDING.sub("", row.key.removeprefix(prefix), count=1)
        if row.done_at is None:
            yield Event(row.due_at, "look due", cause)
        else:
            yield Event(row.done_at, "look", cause)


def _questions(connection: Connection, subject: Subject) -> Iterator[Event]:
    query = select(status_question).where(status_question.c[subject.column] == subject.id)
    for row in connection.execute(query.order_by(status_question.c.id)):
        yield Event(row.asked_at, "Transaction Status asked", row.conversation_id or "")


def _answers(connection: Connection, subject: Subject) -> Iterator[Event]:
    query = (
        select(provider_callback)
        .join(status_question, status_question.c.id == provider_callback.c.question_id)
        .where(status_question.c[subject.column] == subject.id)
        .order_by(provider_callback.c.id)
    )
    for row in connection.execute(query):
        judged = _judged(row.verdict, row.trusted)
        yield Event(row.received_at, "Transaction Status answered", judged, raw=row.body)


def _transfers(connection: Connection, ids: Collection[int | None]) -> Iterator[Event]:
    own = [transfer_id for transfer_id in ids if transfer_id is not None]
    query = select(transfer).where(or_(transfer.c.id.in_(own), transfer.c.reverses.in_(own)))
    for row in connection.execute(query.order_by(transfer.c.id)).all():
        lines = _lines(connection, row.id)
        yield Event(row.posted_at, "transfer", f"{row.kind} {row.id}", lines=lines)


def _lines(connection: Connection, transfer_id: int) -> tuple[Line, ...]:
    query = (
        select(entry.c.cents, account.c.kind, account.c.owner)
        .join(account, account.c.id == entry.c.account_id)
        .where(entry.c.transfer_id == transfer_id)
        .order_by(entry.c.cents, account.c.id)
    )
    return tuple(Line(row.kind, row.owner, Money(row.cents)) for row in connection.execute(query))


def _audited(connection: Connection, subject: Subject, told: Collection[str]) -> Iterator[Event]:
    query = select(audit_event).where(
        audit_event.c.subject == str(subject), audit_event.c.act.not_in(told)
    )
    for row in connection.execute(query.order_by(audit_event.c.id)):
        said = [f"by {row.actor}", in_words(row.details)]
        yield Event(row.at, row.act, ", ".join(filter(None, said)))


def _judged(verdict: str | None, trusted: bool) -> str:  # noqa: FBT001 - a column
    sender = "" if trusted else ", from a stranger"
    return f"{verdict or 'not judged yet'}{sender}"
