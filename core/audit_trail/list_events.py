"""Reading the audit trail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from core.audit_trail.records import audit_event
from core.database import be_patient


@dataclass(frozen=True)
class Event:
    """Who did what to what. What changed stands among the details, as `before` and `after`."""

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    details: dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which events; None means any. In actor, act and subject a star stands for any letters."""

    subject: str | None = None
    actor: str | None = None
    act: str | None = None
    since: timedelta | None = None
    # For the next page: only events with a smaller number.
    before_id: int | None = None


def list_events(connection: Connection, *, wanted: Wanted, limit: int) -> list[Event]:
    """The newest events that are wanted, at most so many, the newest first."""
    be_patient(connection)
    query = select(audit_event).order_by(audit_event.c.id.desc()).limit(limit)
    for name in ("subject", "actor", "act"):
        pattern = getattr(wanted, name)
        if pattern is not None:
            column = audit_event.c[name]
            starred = "*" in pattern
            query = query.where(
                column.like(_like(pattern), escape="\\") if starred else column == pattern
            )
    if wanted.since is not None:
        earliest = select(func.kibeezy_now() - wanted.since).scalar_subquery()
        query = query.where(audit_event.c.at >= earliest)
    if wanted.before_id is not None:
        query = query.where(audit_event.c.id < wanted.before_id)
    return [
        Event(row.id, row.at, row.actor, row.act, row.subject, row.details)
        for row in connection.execute(query)
    ]


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")
