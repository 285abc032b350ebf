"""What else there is about a payment: SMS that told of it, and work on it that was set aside."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, cast, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from core.notices.records import sms_out
from core.outbox.records import outbox
from core.provider.records import provider_callback, status_question
from core.provider.subjects import Subject

MOST_MESSAGES: Final = 20
# A receipt comes with what it tells of; a late one after the last look at a payment.
_TOLD_WITHIN: Final = timedelta(days=8)


@dataclass(frozen=True)
class Message:
    """One SMS about a payment, and how far it came."""

    id: int
    queued_at: datetime
    kind: str
    status: str
    body: str


@dataclass(frozen=True)
class StuckJob:
    """Work on a payment that was set aside; its payload may hold secrets and stays out of sight."""

    id: int
    kind: str
    set_aside_at: datetime
    error: str | None


def messages_about(
    connection: Connection,
    *,
    player_id: int,
    kinds: tuple[str, ...],
    since: datetime,
    words: tuple[str, ...],
) -> list[Message]:
    """The SMS of these kinds to the player in the days after, with one of these words in it."""
    query = (
        select(sms_out.c.id, sms_out.c.queued_at, sms_out.c.kind, sms_out.c.status, sms_out.c.body)
        .where(
            # sms_out_of_player.
            sms_out.c.player_id == player_id,
            sms_out.c.kind.in_(kinds),
            sms_out.c.queued_at >= since,
            sms_out.c.queued_at < since + _TOLD_WITHIN,
            or_(*(sms_out.c.body.contains(word, autoescape=True) for word in words)),
        )
        .order_by(sms_out.c.id)
        .limit(MOST_MESSAGES)
    )
    return [Message(**row._asdict()) for row in connection.execute(query)]


def stuck_jobs(connection: Connection, *, subject: Subject) -> list[StuckJob]:
    """The jobs about the payment, or about what was posted of it, that wait for a person."""
    callbacks = provider_callback.c
    ids = select(callbacks.id).where(callbacks[subject.column] == subject.id)
    answers = (
        select(callbacks.id)
        .join(status_question, status_question.c.id == callbacks.question_id)
        .where(status_question.c[subject.column] == subject.id)
    )
    posted = connection.execute(ids.union(answers)).scalars().all()
    payloads = [{subject.column: subject.id}, *({"callback_id": each} for each in posted)]
    query = (
        select(
            outbox.c.id, outbox.c.kind, outbox.c.set_aside_at, outbox.c.last_error.label("error")
        )
        .where(
            # outbox_set_aside: there are never many.
            outbox.c.set_aside_at.is_not(None),
            outbox.c.done_at.is_(None),
            or_(*(outbox.c.payload.contains(cast(each, JSONB)) for each in payloads)),
        )
        .order_by(outbox.c.id)
    )
    return [StuckJob(**row._asdict()) for row in connection.execute(query)]
