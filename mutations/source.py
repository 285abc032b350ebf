"""The locks in our Python code, each taken away in a copy of it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from mutations.guards import Guard

ROOT: Final = Path(__file__).resolve().parents[1]
_PLACES: Final = ("core", "sms", "payments", "admin", "ussd")
# What queries of records hold, and what reads the same without holding it.
_HELD: Final = re.compile(r"\block_(market|deposit|withdrawal|payment|player)\b")
_WAITS: Final = (
    (re.compile(r"\.with_for_update\([^()]*\)"), "", "not locked"),
    (re.compile(r"skip_locked=True"), "", "waits instead of skipping"),
    (re.compile(r"FOR UPDATE SKIP LOCKED"), "", "not locked"),
    (re.compile(r" SKIP LOCKED"), "", "waits instead of skipping"),
    (re.compile(r"pg_advisory_xact_lock(?=\()"), "num_nonnulls", "not taken"),
    (re.compile(r"pg_try_advisory_xact_lock\([^()]*\)"), "true", "not taken"),
)


def in_source() -> Iterator[Guard]:
    """Every lock that our code asks for, and every place that reads under one."""
    for place in _PLACES:
        for path in sorted((ROOT / place).rglob("*.py")):
            yield from _in_file(path.relative_to(ROOT))


def _in_file(path: Path) -> Iterator[Guard]:
    text = (ROOT / path).read_text()
    for pattern, instead, removal in _WAITS:
        for n, found in enumerate(pattern.finditer(text), start=1):
            changed = text[: found.start()] + instead + text[found.end() :]
            yield _lock(path, f"{found.group().lstrip(' .')} ({n})", removal, changed)
    for name in sorted(_imports(text)):
        changed = re.sub(rf"\block_{name}\b(?=[,\n])", f"get_{name} as lock_{name}", text, count=1)
        yield _lock(path, f"lock_{name}", "read without it", changed)


def _imports(text: str) -> set[str]:
    blocks = re.findall(r"^from [\w.]+ import (\([^)]*\)|.*)$", text, re.MULTILINE)
    return {name for block in blocks for name in _HELD.findall(block)}


def _lock(path: Path, what: str, removal: str, changed: str) -> Guard:
    return Guard(
        name=f"lock {path}: {what}",
        kind="lock",
        where=str(path),
        removal=removal,
        new=changed,
    )
