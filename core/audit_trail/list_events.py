"""Reading the audit trail."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select, text

from core.audit_trail.records import BY_STAFF, audit_event
from core.database import be_patient

# A transaction may take ten minutes, so numbers and times are in the same order but for that.
_OUT_OF_ORDER: Final = timedelta(minutes=15)
# Halves the numbers until the moment lies between two: no index by time, which each bet would pay
# for, is needed to find a day.
_FIRST_ABOUT: Final = text(
    """
    WITH RECURSIVE between_ (low, high) AS (
        SELECT 0::bigint, coalesce((SELECT max(id) FROM audit_event), 0) + 1
        UNION ALL
        SELECT CASE WHEN found.at < :moment THEN greatest(found.id, middle) ELSE low END,
               CASE WHEN found.at < :moment THEN high ELSE middle END
        FROM (SELECT low, high, (low + high) / 2 AS middle FROM between_ WHERE high - low > 1) b
        LEFT JOIN LATERAL (
            SELECT id, at FROM audit_event WHERE id > middle ORDER BY id LIMIT 1) found ON true
    )
    SELECT high FROM between_ ORDER BY high - low LIMIT 1
    """
)

# Who reads the trail of something does nothing to it.
READS: Final = ("audit.exported", "audit.read")


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
    """Which events; None means any. In actor, act and subject a star stands for any letters.

    `begins` is part of the time that is wanted, `ends` is not. `by_staff` leaves out what players
    and the service did.
    """

    subject: str | None = None
    actor: str | None = None
    act: str | None = None
    since: timedelta | None = None
    # For the next page: only events with a smaller number.
    before_id: int | None = None
    begins: datetime | None = None
    ends: datetime | None = None
    by_staff: bool = False
    # Acts that are not wanted, such as looks at a person.
    without: tuple[str, ...] = ()

    @property
    def is_slow(self) -> bool:
        """Whether all events must be looked through, unless a time is given."""
        filtered = any((self.subject, self.actor, self.act))
        by_index = self.subject is not None and "*" not in self.subject
        return filtered and not by_index and not self.of_staff

    @property
    def of_staff(self) -> bool:
        """Whether only people of ours can have done it: they alone are called by an e-mail."""
        return self.by_staff or "@" in (self.actor or "")


def list_events(connection: Connection, *, wanted: Wanted, limit: int) -> list[Event]:
    """The newest events that are wanted, at most so many, the newest first."""
    be_patient(connection)
    query = _query(connection, wanted).limit(limit)
    return [_event(row) for row in connection.execute(query)]


def stream_events(connection: Connection, *, wanted: Wanted) -> Iterator[Event]:
    """All of them, the newest first, a thousand at a time: for a file."""
    be_patient(connection)
    at_once = {"yield_per": 1_000}
    with connection.execute(_query(connection, wanted), execution_options=at_once) as rows:
        yield from map(_event, rows)


def _query(connection: Connection, wanted: Wanted) -> Select[*tuple[Any, ...]]:
    query = select(audit_event).order_by(audit_event.c.id.desc())
    for name in ("subject", "actor", "act"):
        pattern = getattr(wanted, name)
        if pattern is not None:
            column = audit_event.c[name]
            starred = "*" in pattern
            query = query.where(
                column.like(_like(pattern), escape="\\") if starred else column == pattern
            )
    if wanted.without:
        query = query.where(audit_event.c.act.not_in(wanted.without))
    if wanted.of_staff:
        query = query.where(BY_STAFF)
    if wanted.since is not None:
        earliest = select(func.kibeezy_now() - wanted.since).scalar_subquery()
        query = query.where(audit_event.c.at >= earliest)
    if wanted.begins is not None:
        first = _first_about(connection, wanted.begins - _OUT_OF_ORDER)
        query = query.where(audit_event.c.at >= wanted.begins, audit_event.c.id >= first)
    if wanted.ends is not None:
        beyond = _first_about(connection, wanted.ends + _OUT_OF_ORDER)
        query = query.where(audit_event.c.at < wanted.ends, audit_event.c.id <= beyond)
    if wanted.before_id is not None:
        query = query.where(audit_event.c.id < wanted.before_id)
    return query


def _first_about(connection: Connection, moment: datetime) -> int:
    """The number of about the first event at or after this moment; beyond all where none is."""
    first: int = connection.execute(_FIRST_ABOUT, {"moment": moment}).scalar_one()
    return first


def _event(row: Row[*tuple[Any, ...]]) -> Event:
    return Event(row.id, row.at, row.actor, row.act, row.subject, row.details)


def _like(pattern: str) -> str:
    escaped = pattern.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return escaped.replace("*", "%")
