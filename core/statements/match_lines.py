"""Use case: explain each line of the provider's statements by our books, and what it proves."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import structlog
from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import DBAPIError

from core.audit_trail.records import record
from core.database import in_transaction, sql_state
from core.settings import Settings
from core.statements.explain_paid_in import explain_paid_in
from core.statements.explain_paid_out import explain_paid_out
from core.statements.explain_reversal import explain_reversal
from core.statements.lines import LineKind
from core.statements.records import (
    COUNTS,
    KeptLine,
    lock_unmatched,
    statement_import,
    statement_line,
)

log = structlog.get_logger()

_CHUNK: Final = 500

Progress: TypeAlias = Callable[[int], None]


@dataclass(frozen=True)
class Matched:
    """How many lines are explained now, how many nothing explains, and how many broke on us.

    `left_after` is the line to go on after, where the time ended before the lines did.
    """

    explained: int = 0
    unexplained: int = 0
    failed: int = 0
    left_after: int | None = None


def match_lines(
    database: Engine,
    *,
    settings: Settings,
    progress: Progress,
    after: int = 0,
    most_seconds: float = math.inf,
) -> Matched:
    """Look at each line that is not explained yet, oldest import first; a repeat is harmless.

    Each line is a transaction of its own, so that one which breaks stops no other; `progress` is
    told of each. Money moves only by the proofs that deposits, paybill and withdrawals define. No
    line is begun when `most_seconds` are over, except the first behind the line `after`.
    """
    matched, last, stop_at = Matched(), after, time.monotonic() + most_seconds
    while lines := _next(database, after=last):
        for last in lines:
            matched = _match_alone(database, last, settings, matched)
            progress(1)
            if time.monotonic() > stop_at:
                return replace(matched, left_after=last)
    return matched


def _next(database: Engine, *, after: int) -> Sequence[int]:
    query = (
        select(statement_line.c.id)
        .join(statement_import, statement_import.c.id == statement_line.c.import_id)
        .where(COUNTS, statement_line.c.id > after, statement_line.c.matched_at.is_(None))
        .order_by(statement_line.c.id)
        .limit(_CHUNK)
    )
    return in_transaction(database, lambda c: c.execute(query).scalars().all())


def _match_alone(database: Engine, line_id: int, settings: Settings, matched: Matched) -> Matched:
    try:
        explained = in_transaction(database, lambda c: _match(c, line_id, settings))
    except Exception as error:
        if _is_away(error):
            raise
        log.exception("statement_line_failed", line=line_id)
        return replace(matched, failed=matched.failed + 1)
    match explained:
        case None:
            return matched
        case True:
            return replace(matched, explained=matched.explained + 1)
        case False:
            return replace(matched, unexplained=matched.unexplained + 1)


def _match(connection: Connection, line_id: int, settings: Settings) -> bool | None:
    """Whether the line is explained now; None where another look at it is under way."""
    kept = lock_unmatched(connection, line_id=line_id)
    if kept is None:
        return None
    why = _explain(connection, kept, settings)
    change = statement_line.update().where(statement_line.c.id == kept.id)
    if why is None:
        connection.execute(change.values(matched_at=func.kibeezy_now(), why=None))
        _record(connection, kept, "statement.explained", why=None)
    elif why != kept.why:
        connection.execute(change.values(why=why))
        _record(connection, kept, "statement.break", why=why)
    return why is None


def _record(connection: Connection, kept: KeptLine, act: str, *, why: str | None) -> None:
    record(
        connection,
        actor="system",
        act=act,
        subject=f"statement_line:{kept.id}",
        before={"why": kept.why},
        after={"why": why},
        receipt=kept.line.receipt,
    )


def _explain(connection: Connection, kept: KeptLine, settings: Settings) -> str | None:
    match kept.line.kind:
        case LineKind.PAID_IN:
            return explain_paid_in(connection, kept, settings=settings)
        case LineKind.PAID_OUT:
            return explain_paid_out(connection, kept)
        case LineKind.REVERSAL:
            return explain_reversal(connection, kept)
        case LineKind.CHARGE | LineKind.OTHER:
            # Neither is a player's money; what they add up to is read from the table.
            return None


def _is_away(error: Exception) -> bool:
    """Whether the database itself is out of reach, so that every other line would fail as well."""
    if not isinstance(error, DBAPIError):
        return False
    return sql_state(error) is None or error.connection_invalidated
