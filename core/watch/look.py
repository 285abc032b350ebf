"""Looking at the invariants that are due, in one snapshot, without writing anything."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, Engine, TextClause, select, text
from sqlalchemy.exc import DBAPIError

from core.database import SNAPSHOT, now, sql_state
from core.ledger.groups import INVARIANTS
from core.watch.records import invariant
from core.watch.rules import Lane, Pace

DETAILS_KEPT: Final = 5
_BROKEN_OFF: Final = "57014"
# One process looks in each lane; the lock goes with the snapshot.
_ALONE: Final = text("SELECT pg_try_advisory_xact_lock(14, :lane)")
# One core at most, so that seconds are load; and a wait for a migration's lock is a look that did
# not end.
_BOUNDS: Final = text(
    "SELECT set_config('statement_timeout', :limit, true),"
    " set_config('lock_timeout', '1500', true),"
    " set_config('max_parallel_workers_per_gather', '0', true)"
)


@dataclass(frozen=True)
class Held:
    """Nothing violates it."""

    name: str
    seconds: float


@dataclass(frozen=True)
class Violated:
    """So many violations, and the first of them."""

    name: str
    seconds: float
    violations: int
    details: tuple[str, ...]


@dataclass(frozen=True)
class Unfinished:
    """Nobody knows: the look ended in an error, or was broken off for taking too long."""

    name: str
    seconds: float
    error: str


@dataclass(frozen=True)
class TooSlow:
    """It takes longer than a quick look may; the slow lane has the time."""

    name: str
    seconds: float


Finding = Held | Violated | Unfinished | TooSlow


@dataclass(frozen=True)
class Look:
    """What was found of the books as they were at `as_of`."""

    as_of: datetime
    findings: tuple[Finding, ...]


def look(database: Engine, *, lane: Lane, pace: Pace) -> Look | None:
    """Look at what is due in this lane; None while another process does. Writes nothing.

    In the quick lane the cheapest come first, and what no time is left for stays due; in the slow
    lane it is one at a time.
    """
    with database.connect() as connection:
        connection.execute(SNAPSHOT)
        number = list(Lane).index(lane)
        if not connection.execute(_ALONE, {"lane": number}).scalar_one():
            return None
        as_of = now(connection)
        names = _due(connection, lane, pace, as_of)
        return Look(as_of, tuple(_look_at_each(connection, names, lane, pace)))


def _due(connection: Connection, lane: Lane, pace: Pace, as_of: datetime) -> list[str]:
    rows = {row.name: row for row in connection.execute(select(invariant))}
    seconds = {name: rows[name].seconds if name in rows else 0.0 for name in INVARIANTS}
    due = [
        name
        for name in INVARIANTS
        if (name not in rows or rows[name].due_at <= as_of) and pace.lane_of(seconds[name]) is lane
    ]
    match lane:
        case Lane.QUICK:
            return sorted(due, key=lambda name: seconds[name])
        case Lane.SLOW:
            return sorted(due, key=lambda name: rows[name].due_at)[:1]


def _look_at_each(
    connection: Connection, names: list[str], lane: Lane, pace: Pace
) -> Iterator[Finding]:
    began = time.monotonic()
    limit = round(pace.limit_seconds(lane) * 1000)
    connection.execute(_BOUNDS, {"limit": str(limit)})
    for name in names:
        yield _look_at(connection, name, lane)
        if time.monotonic() - began > pace.run_seconds:
            return


def _look_at(connection: Connection, name: str, lane: Lane) -> Finding:
    began = time.monotonic()
    try:
        with connection.begin_nested():
            rows = connection.execute(_query(name)).all()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        seconds = time.monotonic() - began
        state = sql_state(error)
        if state == _BROKEN_OFF and lane is Lane.QUICK:
            return TooSlow(name, seconds)
        return Unfinished(name, seconds, _told(error))
    seconds = time.monotonic() - began
    if not rows:
        return Held(name, seconds)
    return Violated(name, seconds, rows[0].violations, tuple(str(row.detail) for row in rows))


def _query(name: str) -> TextClause:
    # Materialised, so that the few that are kept do not change how all of them are found.
    return text(
        f"WITH found (detail) AS MATERIALIZED ({INVARIANTS[name]})"  # noqa: S608 - our own text
        f" SELECT detail, count(*) OVER () AS violations FROM found LIMIT {DETAILS_KEPT}"
    )


def _told(error: DBAPIError) -> str:
    first_line, *_rest = str(error.orig).splitlines() or [type(error.orig).__name__]
    return first_line
