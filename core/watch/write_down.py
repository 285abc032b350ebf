"""What a look has found is kept, and what is broken for sure stops its money."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias, assert_never

import structlog
from sqlalchemy import Connection, Row, func, select
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.watch.call_a_person import call_for_unfinished, stop_money
from core.watch.call_for_overdue import call_for_overdue
from core.watch.look import Finding, Held, Look, TooSlow, Unfinished, Violated
from core.watch.records import invariant
from core.watch.rules import SECOND_LOOK, time_until_next

log = structlog.get_logger()

_Row: TypeAlias = Row[*tuple[object, ...]]


def write_down(connection: Connection, *, seen: Look) -> None:
    """Keep what was found. A violation that is seen again stops its money and calls a person.

    Nothing is put right, and nothing is let run again: what holds again only says so. A look that
    is older than what is kept says nothing.
    """
    rows = _locked(connection, [finding.name for finding in seen.findings])
    news = [each for each in seen.findings if _is_news(rows[each.name], seen.as_of)]
    spent = {name: row.seconds for name, row in rows.items()}
    spent |= {finding.name: finding.seconds for finding in news}
    for finding in news:
        change = invariant.update().where(invariant.c.name == finding.name)
        rests = _rest(finding, rows[finding.name], spent)
        kept = _kept(finding, rows[finding.name], seen.as_of)
        connection.execute(change.values(due_at=func.kibeezy_now() + rests, **kept))
        _tell_the_log(finding, rows[finding.name])
    _record_mended(connection, news, rows)
    broken = [each for each in _violated(news) if not _is_first(rows[each.name])]
    known = {name for name, row in rows.items() if row.broken_since is not None}
    stop_money(connection, broken=broken, known=known)
    call_for_overdue(connection, broken=[each.name for each in broken])
    call_for_unfinished(
        connection,
        unfinished=[each for each in news if isinstance(each, Unfinished)],
        failures={name: row.failures for name, row in rows.items()},
    )


def _locked(connection: Connection, names: list[str]) -> dict[str, _Row]:
    if names:
        new = insert(invariant).values([{"name": name} for name in names])
        connection.execute(new.on_conflict_do_nothing())
    query = select(invariant).order_by(invariant.c.name).with_for_update()
    return {row.name: row for row in connection.execute(query)}


def _is_news(row: _Row, as_of: datetime) -> bool:
    return row.checked_at is None or row.checked_at < as_of


def _violated(findings: Iterable[Finding]) -> Iterator[Violated]:
    for finding in findings:
        if isinstance(finding, Violated):
            yield finding


def _is_first(row: _Row) -> bool:
    """Whether nothing was seen before. Once may be a chance: a job that is about to be done."""
    return row.suspected_at is None and row.broken_since is None


def _rest(finding: Finding, row: _Row, spent: Mapping[str, float]) -> timedelta:
    match finding:
        case TooSlow():
            return timedelta(0)
        case Violated() if _is_first(row):
            return SECOND_LOOK
        case _:
            return time_until_next(finding.seconds, every=spent.values())


def _kept(finding: Finding, row: _Row, as_of: datetime) -> dict[str, object]:
    took: dict[str, object] = {"seconds": finding.seconds}
    ended = took | {"checked_at": as_of, "failures": 0, "error": None}
    match finding:
        case TooSlow():
            return took
        case Unfinished():
            return took | {"failures": row.failures + 1, "error": finding.error}
        case Held():
            return ended | {
                "violations": 0,
                "details": [],
                "unbroken_since": row.unbroken_since or as_of,
                "suspected_at": None,
                "broken_since": None,
            }
        case Violated():
            found = {"violations": finding.violations, "details": list(finding.details)}
            if _is_first(row):
                return ended | found | {"suspected_at": as_of}
            broken = {"suspected_at": None, "broken_since": row.broken_since or as_of}
            return ended | found | broken | {"unbroken_since": None}
        case _:
            assert_never(finding)


def _tell_the_log(finding: Finding, row: _Row) -> None:
    match finding:
        case Violated() if _is_first(row):
            log.warning("invariant_suspected", name=finding.name, first=finding.details[0])
        case Violated():
            log.error("invariant_broken", name=finding.name, violations=finding.violations)
        case Unfinished():
            log.error("invariant_unfinished", name=finding.name, error=finding.error)
        case Held() | TooSlow():
            pass


def _record_mended(connection: Connection, news: list[Finding], rows: Mapping[str, _Row]) -> None:
    for finding in news:
        if isinstance(finding, Held) and rows[finding.name].broken_since is not None:
            record(
                connection,
                actor="system",
                act="invariant.mended",
                subject=f"invariant:{finding.name}",
                before={"state": "broken"},
                after={"state": "holds"},
            )
