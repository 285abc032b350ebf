"""What came of taking the guards away: a line each on the terminal, and docs/mutations.md."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from rich.console import Console

from mutations.guards import Finding
from mutations.noticed import Noticed
from mutations.source import ROOT

FILE: Final = ROOT / "docs" / "mutations.md"
_HEAD: Final = """\
# Guards, and the tests that notice when they are gone

`make mutate` writes this page. It takes away each trigger, constraint, unique index and NOT NULL
that PostgreSQL knows of, each part of each condition that one of our SQL functions raises on, each
rule of movements and each lock, one at a time, and runs a test that must then fail.
[testing.md](testing.md#every-guard-taken-away) tells how. Where no seconds stand, the guard was not
taken away again since the test that notices was found; where nobody is known to notice, it may be
that nobody was asked yet.

"""
_TABLE: Final = """\
| guard | where | taken away how | first test that notices | s |
|---|---|---|---|---|
"""
_NOBODY: Final = "**nobody is known to**"
_LONGEST: Final = 110


def show(console: Console, finding: Finding, *, needless: str | None) -> None:
    """Print one line."""
    said = (
        finding.noticed_by or (needless and f"needless: {needless}") or "nobody is known to notice"
    )
    console.print(f"{finding.guard.name}  →  {said}", highlight=False, markup=False)


def write(findings: Sequence[Finding], known: Noticed) -> None:
    """Write the page: the sums, the table, and what may go without anybody noticing."""
    sums = Counter(_fate(finding, known) for finding in findings)
    rows = [_row(finding) for finding in findings if _fate(finding, known) != "needless"]
    needless = [
        f"- `{name}`: {why}"
        for name, why in known.needless.items()
        if any(known.why_needless(f.guard) == why and not f.noticed_by for f in findings)
    ]
    lines = [f"- {n} {fate}" for fate, n in sorted(sums.items())]
    FILE.write_text(
        _HEAD
        + "\n".join(lines)
        + "\n\n"
        + _TABLE
        + "\n".join(rows)
        + "\n\n## What nobody has to notice\n\n"
        + "\n".join(needless)
        + "\n"
    )


def unnoticed(findings: Sequence[Finding], known: Noticed) -> list[Finding]:
    """Those that nobody noticed although somebody should."""
    return [f for f in findings if _fate(f, known) == "without a test"]


def _fate(finding: Finding, known: Noticed) -> str:
    if finding.noticed_by is not None:
        return "noticed"
    return "needless" if known.why_needless(finding.guard) else "without a test"


def _row(finding: Finding) -> str:
    guard = finding.guard
    test = finding.noticed_by
    noticed = _NOBODY if test is None else f"`{_cell(test.removeprefix('tests/'))}`"
    cells = (_cell(guard.name), _cell(guard.where), _cell(guard.removal), noticed)
    return "| " + " | ".join(cells) + f" | {finding.seconds or '-'} |"


def _cell(words: str) -> str:
    bare = " ".join(words.split()).replace("|", "\\|")
    return bare if len(bare) <= _LONGEST else bare[: _LONGEST - 1] + "…"
