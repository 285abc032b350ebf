"""What the worker does for the invariants: it looks each minute, and never stops doing so."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

from core.database import in_transaction
from core.outbox.deliver import Handler
from core.outbox.for_ever import for_ever
from core.outbox.records import ask_for_ever
from core.watch.look import look
from core.watch.records import invariant
from core.watch.rules import EACH, Lane, Pace
from core.watch.write_down import write_down

_SOONEST: Final = timedelta(seconds=1)
_PACE: Final = Pace()


def jobs(*, database: Engine, pace: Pace = _PACE) -> dict[str, Handler]:
    """The handlers by the kind of job."""
    return {
        _kind(lane): for_ever(
            partial(keep_watch, database, lane=lane, pace=pace),
            after_error=EACH,
            event="watch_failed",
        )
        for lane in Lane
    }


def keep_watch(database: Engine, *, lane: Lane, pace: Pace = _PACE) -> timedelta:
    """Look at what is due in this lane, keep what was found, and say when to look again."""
    seen = look(database, lane=lane, pace=pace)
    if seen is None:
        return EACH
    in_transaction(database, lambda connection: write_down(connection, seen=seen))
    return in_transaction(database, lambda connection: _until_next(connection, lane, pace))


def begin(database: Engine) -> None:
    """Ask for both runs; they give themselves back for ever, so a repeat adds nothing.

    A run that was set aside is taken up again: a worker of the release before does that to a kind
    of job that it does not know.
    """

    def ask_for_both(connection: Connection) -> None:
        for lane in Lane:
            ask_for_ever(connection, kind=_kind(lane))

    in_transaction(database, ask_for_both)


def begin_between(
    rest: Callable[[float], None], begin: Callable[[], None], *, every: timedelta = EACH
) -> Callable[[float], None]:
    """The worker's `rest` that begins again, once a minute at most, what must never end."""
    asked_at = time.monotonic()

    def rest_and_begin(seconds: float) -> None:
        nonlocal asked_at
        rest(seconds)
        if time.monotonic() - asked_at > every.total_seconds():
            asked_at = time.monotonic()
            # The database may be away for a while; the worker outlasts it.
            with suppress(SQLAlchemyError):
                begin()

    return rest_and_begin


def _kind(lane: Lane) -> str:
    return f"watch_{lane}"


def _until_next(connection: Connection, lane: Lane, pace: Pace) -> timedelta:
    query = select(invariant.c.seconds, invariant.c.due_at, func.kibeezy_now().label("now"))
    waits = [
        row.due_at - row.now
        for row in connection.execute(query)
        if pace.lane_of(row.seconds) is lane
    ]
    return min(EACH, max(_SOONEST, min(waits, default=EACH)))
