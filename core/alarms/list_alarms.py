"""The alarms that wait for a person, and those that were."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Select, select

from core.alarms.records import alarm
from core.staff.records import admin


@dataclass(frozen=True)
class Alarm:
    """What somebody must look at; `times` and `last_at` count the repeats while it was open."""

    id: int
    kind: str
    subject: str
    why: str
    raised_at: datetime
    times: int
    last_at: datetime
    taken_by: str | None
    taken_at: datetime | None


def open_alarms(connection: Connection, *, limit: int | None = None) -> list[Alarm]:
    """Those that nobody has taken, the oldest first; so many at most, where a number is given."""
    return _read(connection, _ALARMS.where(alarm.c.taken_at.is_(None)).limit(limit))


def all_alarms(connection: Connection) -> list[Alarm]:
    """Every one that ever was, the oldest first."""
    return _read(connection, _ALARMS)


def _read(connection: Connection, query: Select[*tuple[object, ...]]) -> list[Alarm]:
    return [
        Alarm(
            id=row.id,
            kind=row.kind,
            subject=row.subject,
            why=row.why,
            raised_at=row.raised_at,
            times=row.times,
            last_at=row.last_at,
            taken_by=row.email,
            taken_at=row.taken_at,
        )
        for row in connection.execute(query)
    ]


_ALARMS = (
    select(alarm, admin.c.email)
    .outerjoin(admin, admin.c.id == alarm.c.taken_by)
    .order_by(alarm.c.id)
)
