"""A broken invariant stops money and calls a person; one that nobody can check calls one, too."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.ledger.groups import group_of
from core.switches.rules import Switch
from core.switches.stop import turn_off
from core.watch.look import Unfinished, Violated
from core.watch.rules import FAILURES_BEFORE_ALARM, stopped_by

ACTOR: Final = "invariants"


def stop_money(
    connection: Connection, *, broken: Sequence[Violated], known: AbstractSet[str]
) -> None:
    """Stop whatever each broken invariant stops, with one alarm for all that is new.

    `known` are the names that were broken before. What a person let run again while it was still
    broken is stopped again, and whoever was told once is told again.
    """
    new = [finding for finding in broken if finding.name not in known]
    for finding in new:
        _record_broken(connection, finding)
    stopped = [kind for kind in Switch if _stop(connection, kind, broken)]
    if new or stopped:
        first, *others = new or broken
        raise_alarm(
            connection,
            kind="invariant",
            subject=f"invariant:{first.name}",
            why=f"Broken: {_named(first.name, len(others))}. {_words(stopped)}",
            rings_again=bool(stopped),
        )


def call_for_unfinished(
    connection: Connection, *, unfinished: Sequence[Unfinished], failures: Mapping[str, int]
) -> None:
    """Raise one alarm for those that could not be checked twice in a row; once is a hiccup.

    `failures` are those in a row before this one.
    """
    again = [each for each in unfinished if failures[each.name] + 1 == FAILURES_BEFORE_ALARM]
    if again:
        first, *others = again
        raise_alarm(
            connection,
            kind="invariant_unchecked",
            subject=f"invariant:{first.name}",
            why=f"Cannot be checked: {_named(first.name, len(others))}. {first.error}",
        )


def _stop(connection: Connection, kind: Switch, broken: Sequence[Violated]) -> bool:
    reasons = [each.name for each in broken if kind in stopped_by(group_of(each.name))]
    if not reasons:
        return False
    first, *others = reasons
    why = f"Broken invariant: {_named(first, len(others))}."
    return turn_off(connection, kind=kind, why=why, actor=ACTOR)


def _record_broken(connection: Connection, finding: Violated) -> None:
    record(
        connection,
        actor="system",
        act="invariant.broken",
        subject=f"invariant:{finding.name}",
        before={"state": "holds"},
        after={"state": "broken"},
        violations=finding.violations,
        first=finding.details[0],
    )


def _named(first: str, others: int) -> str:
    return f"{first}, and {others} more" if others else first


def _words(stopped: Sequence[Switch]) -> str:
    if not stopped:
        return "What it stops was stopped already."
    return f"Stopped: {', '.join(stopped)}."
