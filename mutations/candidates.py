"""Which tests might notice that a guard is gone: those that met its refusal while it stood."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from mutations.guards import Guard

_ENOUGH: Final = 25
# These take guards away themselves, and would fail for want of what they take.
_BY_THEMSELVES: Final = re.compile(r"without|once_its|doomed|with_the_grant")
_NOT_NULL: Final = "23502"


def candidates(guard: Guard, refusals: Iterable[dict[str, Any]]) -> list[str]:
    """The tests that met a refusal of this guard, the quickest first where that is known."""
    met = dict.fromkeys(
        refusal["test"]
        for refusal in refusals
        if "state" in refusal and _is_of(guard, refusal) and may_notice(refusal["test"])
    )
    return list(met)[:_ENOUGH]


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
