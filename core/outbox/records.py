"""The outbox table: asking for work, and taking it."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    and_,
    case,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, insert

from core.audit_trail.records import record
from core.database import metadata

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False, server_default="{}"),
    Column("key", Text, unique=True),
    Column("priority", SmallInteger, nullable=False, server_default="50"),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("lease_until", DateTime(timezone=True)),
    Column("fence", BigInteger, nullable=False, server_default="0"),
    Column("done_at", DateTime(timezone=True)),
    Column("set_aside_at", DateTime(timezone=True)),
    Column("last_error", Text),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
Index(
    "outbox_waiting",
    outbox.c.priority,
    outbox.c.due_at,
    outbox.c.id,
    postgresql_where=and_(outbox.c.done_at.is_(None), outbox.c.set_aside_at.is_(None)),
)
Index(
    "outbox_set_aside",
    outbox.c.set_aside_at,
    postgresql_where=and_(outbox.c.done_at.is_(None), outbox.c.set_aside_at.is_not(None)),
)

# Lower goes first: a code keeps a person waiting, news does not.
URGENT, NORMAL, BULK, BACKGROUND = 10, 50, 70, 90
LEAST_URGENT = 32_767

_CLAIM = text(
    """
    UPDATE outbox
    SET lease_until = kibeezy_now() + :lease, fence = fence + 1, attempts = attempts + 1
    WHERE id IN (
        SELECT id FROM outbox
        WHERE done_at IS NULL AND set_aside_at IS NULL AND due_at <= (SELECT kibeezy_now())
          AND kind = ANY(:kinds) AND priority <= :up_to
          AND (lease_until IS NULL OR lease_until <= (SELECT kibeezy_now()))
        ORDER BY priority, due_at, id
        LIMIT :limit
        FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempts, failures, fence, priority
    """
)


@dataclass(frozen=True)
class Job:
    """One claimed row. The fence proves, when it is finished, that the lease was still ours.

    `attempts` counts how often it was claimed and tried, `failures` how often doing it ended in an
    error.
    """

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int
    fence: int
    failures: int = 0
    priority: int = NORMAL


def ask(
    connection: Connection,
    *,
    kind: str,
    payload: dict[str, Any] | None = None,
    key: str | None = None,
    delay: timedelta = timedelta(0),
    at: datetime | None = None,
    priority: int = NORMAL,
) -> bool:
    """Ask for work, in the transaction that makes it necessary; a key asks once only.

    False where it had been asked for under this key before.
    """
    due = at if at is not None else func.kibeezy_now() + delay
    row = insert(outbox).values(
        kind=kind, payload=payload or {}, key=key, priority=priority, due_at=due
    )
    asked = row.on_conflict_do_nothing(index_elements=["key"]).returning(outbox.c.id)
    return connection.execute(asked).first() is not None


def ask_for_ever(connection: Connection, *, kind: str, priority: int = NORMAL) -> None:
    """Ask for a job that always gives itself back; there is one of its kind, and it is its key.

    A repeat changes nothing, unless it was finished or set aside: then it is due now, as if new.
    """
    row = insert(outbox).values(kind=kind, key=kind, priority=priority)
    again = row.on_conflict_do_update(
        index_elements=["key"],
        set_={
            "done_at": None,
            "set_aside_at": None,
            "lease_until": None,
            "due_at": func.kibeezy_now(),
            # Or the next error, however small, would be one too many again.
            "attempts": 0,
            "failures": 0,
        },
        where=or_(outbox.c.done_at.is_not(None), outbox.c.set_aside_at.is_not(None)),
    )
    connection.execute(again)


def claim(
    connection: Connection,
    *,
    kinds: Collection[str],
    limit: int,
    lease: timedelta,
    up_to: int = LEAST_URGENT,
) -> list[Job]:
    """Take up to `limit` due rows that nobody else holds, for the length of the lease.

    Only such of a priority `up_to` this one. A kind that is not named waits for a worker that
    knows it: one of the next release.
    """
    given = {"kinds": list(kinds), "limit": limit, "lease": lease, "up_to": up_to}
    rows = connection.execute(_CLAIM, given).all()
    rows = sorted(rows, key=lambda row: (row.priority, row.id))
    return [
        Job(row.id, row.kind, row.payload, row.attempts, row.fence, row.failures, row.priority)
        for row in rows
    ]


def finish(connection: Connection, job: Job) -> bool:
    """Mark the job done; False where the lease had passed to another worker."""
    return _close(connection, job, done_at=func.kibeezy_now())


def postpone(connection: Connection, job: Job, *, delay: timedelta, error: str | None) -> bool:
    """Give the job back, due again after the delay."""
    due_at = func.kibeezy_now() + delay
    return _close(connection, job, lease_until=None, due_at=due_at, last_error=error)


def give_back(connection: Connection, job: Job, *, delay: timedelta) -> bool:
    """Give the job back untried; this claim does not count among its attempts."""
    due_at = func.kibeezy_now() + delay
    attempts = outbox.c.attempts - 1
    return _close(connection, job, lease_until=None, due_at=due_at, attempts=attempts)


def hurry(connection: Connection, *, kind: str, limit: int, free_for: timedelta) -> int:
    """Make due now some of what waits for another try after an error; returns how many, or 0.

    The try to which a job is hurried is none of its attempts while it is younger than `free_for`;
    an older one must come to its end. A repeat takes the next. What a worker holds at this moment
    is left out.
    """
    waiting = (
        select(outbox.c.id)
        .where(
            outbox.c.kind == kind,
            outbox.c.done_at.is_(None),
            outbox.c.set_aside_at.is_(None),
            outbox.c.lease_until.is_(None),
            outbox.c.last_error.is_not(None),
            outbox.c.due_at > func.kibeezy_now(),
        )
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    is_young = outbox.c.created_at > func.kibeezy_now() - free_for
    attempts = case((is_young, func.greatest(outbox.c.attempts - 1, 0)), else_=outbox.c.attempts)
    change = outbox.update().where(outbox.c.id.in_(waiting))
    return connection.execute(change.values(due_at=func.kibeezy_now(), attempts=attempts)).rowcount


def fail(connection: Connection, job: Job, *, delay: timedelta, error: str) -> bool:
    """Give the job back after an error that it did not expect; so many of these are too many."""
    due_at = func.kibeezy_now() + delay
    failures = outbox.c.failures + 1
    return _close(
        connection, job, lease_until=None, due_at=due_at, last_error=error, failures=failures
    )


def set_aside(connection: Connection, job: Job, *, error: str) -> bool:
    """Take a job out of the queue that cannot be done; a person looks at it and may replay it."""
    if not _close(connection, job, set_aside_at=func.kibeezy_now(), last_error=error):
        return False
    record(
        connection,
        actor="system",
        act="job.set_aside",
        subject=f"job:{job.id}",
        before={"state": "waiting"},
        after={"state": "set_aside"},
        kind=job.kind,
        error=error,
    )
    return True


def _close(connection: Connection, job: Job, **values: object) -> bool:
    change = outbox.update().where(
        outbox.c.id == job.id, outbox.c.fence == job.fence, outbox.c.done_at.is_(None)
    )
    return connection.execute(change.values(**values)).rowcount == 1
