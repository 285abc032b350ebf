"""Which tests might notice that a guard is gone: those that met its refusal while it stood."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from mutations.guards import Guard

_ENOUGH: Final = 6
_KINDS: Final = "tests/architecture/test_schema.py::test_the_"
# Who is asked last: tests that look at all guards of a kind.
_LAST: Final[dict[str, tuple[str, ...]]] = {
    "check": ("tests/attacks/test_checks.py::test_each_check_keeps_out_what_it_must",),
    "unique": (
        f"{_KINDS}tables_of_the_code_are_those_of_the_migrations",
        f"{_KINDS}keys_of_the_tables_are_those_of_the_code",
    ),
    "foreign key": (f"{_KINDS}tables_of_the_code_are_those_of_the_migrations",),
    "not null": (f"{_KINDS}tables_of_the_code_are_those_of_the_migrations",),
    "condition": (
        "tests/attacks/test_role.py::test_money_moves_in_the_ways_of_the_policy_and_no_other",
        "tests/attacks/test_injected_statements.py::test_the_database_refuses",
        "tests/attacks/test_injected_statements.py::test_money_moves_only_for_something",
    ),
    "trigger": (
        "tests/attacks/test_role.py::test_what_is_kept_is_kept_from_the_owner_too",
        "tests/attacks/test_injected_statements.py::test_the_database_refuses",
    ),
    "lock": (
        "tests/core/test_locks.py::test_all_of_them_wait_for_who_was_first",
        "tests/core/test_locks.py::test_a_job_and_a_line_that_somebody_has_are_passed_over",
        "tests/core/test_locks.py::test_a_call_that_bets_cannot_be_given_up_meanwhile",
        "tests/core/outbox/test_deliver.py",
    ),
}
# These take guards away themselves, and would fail for want of what they take.
_BY_THEMSELVES: Final = re.compile(r"without|once_its|doomed|with_the_grant")
_NOT_NULL: Final = "23502"


def candidates(guard: Guard, refusals: Iterable[dict[str, Any]]) -> list[str]:
    """The first tests that met a refusal of this guard, then those that look at all of its kind."""
    met = dict.fromkeys(
        refusal["test"]
        for refusal in refusals
        if "state" in refusal and _is_of(guard, refusal) and may_notice(refusal["test"])
    )
    if guard.in_source:
        return list(_LAST[guard.kind])
    return [*list(met)[:_ENOUGH], *_LAST[guard.kind]]


def may_notice(test: str) -> bool:
    """Whether a red test would say anything."""
    return bool(test) and not _BY_THEMSELVES.search(test)


def read_refusals(path: Path) -> list[dict[str, Any]]:
    """What the plugin `witnesses` wrote down."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def _is_of(guard: Guard, refusal: dict[str, Any]) -> bool:
    match guard.kind:
        case "check" | "unique" | "foreign key":
            return bool(guard.where == refusal["table"] and guard.told_by == refusal["constraint"])
        case "not null":
            return bool(
                (refusal["state"], refusal["table"], refusal["column"])
                == (_NOT_NULL, guard.where, guard.told_by)
            )
        case "trigger" if guard.told_by == "refuse_change":
            return str(refusal["words"]).startswith(f"{guard.where} is append-only")
        case "trigger" | "condition" | "lock":
            where = re.escape(guard.told_by)
            line = f"line {guard.line} at" if guard.line else ""
            context = str(refusal["context"])
            return bool(guard.told_by and re.search(rf"function {where}\(.*\) {line}", context))
