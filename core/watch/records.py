"""The table of what was seen of each invariant, and reading it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Double,
    Integer,
    Row,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.database import metadata, now
from core.ledger.groups import INVARIANTS
from core.watch.rules import LATE_AFTER

invariant = Table(
    "invariant",
    metadata,
    Column("name", Text, primary_key=True),
    Column("due_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("checked_at", DateTime(timezone=True)),
    Column("seconds", Double, nullable=False, server_default="0"),
    Column("violations", BigInteger, nullable=False, server_default="0"),
    Column("details", JSONB, nullable=False, server_default="[]"),
    Column("unbroken_since", DateTime(timezone=True)),
    Column("suspected_at", DateTime(timezone=True)),
    Column("broken_since", DateTime(timezone=True)),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("error", Text),
)


class State(StrEnum):
    """What is known of an invariant. Only what was seen to hold, and lately, is green."""

    HOLDS = "holds"
    SUSPECTED = "suspected"
    BROKEN = "broken"
    UNFINISHED = "unfinished"
    LATE = "late"


@dataclass(frozen=True)
class Standing:
    """One invariant as of the last look. `seconds` is how long that took.

    `details` are the first of its `violations`; `unbroken_since` is when it was first seen to hold
    after it was last broken.
    """

    name: str
    state: State
    due_at: datetime | None = None
    checked_at: datetime | None = None
    seconds: float = 0.0
    violations: int = 0
    details: tuple[str, ...] = ()
    unbroken_since: datetime | None = None
    broken_since: datetime | None = None
    error: str | None = None


def list_standings(connection: Connection) -> list[Standing]:
    """Every invariant of the code in its order; one nobody has looked at yet is late."""
    moment = now(connection)
    rows = {row.name: row for row in connection.execute(select(invariant))}
    return [_standing(name, rows, moment) for name in INVARIANTS]


def _standing(
    name: str, rows: Mapping[str, Row[*tuple[object, ...]]], moment: datetime
) -> Standing:
    row = rows.get(name)
    if row is None:
        return Standing(name, State.LATE)
    return Standing(
        name=name,
        state=_state(row, moment),
        due_at=row.due_at,
        checked_at=row.checked_at,
        seconds=row.seconds,
        violations=row.violations,
        details=tuple(row.details),
        unbroken_since=row.unbroken_since,
        broken_since=row.broken_since,
        error=row.error,
    )


def _state(row: Row[*tuple[object, ...]], moment: datetime) -> State:
    if row.broken_since is not None:
        return State.BROKEN
    if row.error is not None:
        return State.UNFINISHED
    if row.suspected_at is not None:
        return State.SUSPECTED
    late = row.checked_at is None or moment > row.due_at + LATE_AFTER
    return State.LATE if late else State.HOLDS
