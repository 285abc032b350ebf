"""Takes guards away and runs the tests that should notice."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from mutations import weaken, witnesses
from mutations.guards import Finding, Guard
from mutations.source import ROOT

_LEFT_OUT: Final = shutil.ignore_patterns(
    ".git", ".venv", ".cache", "var", "*_cache", "__pycache__", ".hypothesis"
)
# Nothing but the tests of a guard: neither a cache on the disk nor a plugin that is not needed.
# A test that hangs without its lock is red, and the others still run.
_PYTEST: Final = (
    *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"),
    *("--timeout", "300", "--timeout-method", "signal"),
)
_NO_TESTS: Final = 5
Wanted = tuple[Guard, list[str]]


def in_databases(wanted: Sequence[Wanted]) -> list[Finding]:
    """Take each guard of the database away, in one run of pytest, each test with its own copy."""
    with tempfile.TemporaryDirectory() as folder:
        trials, outcomes = Path(folder, "trials.json"), Path(folder, "outcomes.jsonl")
        trials.write_text(json.dumps([(g.name, g.sql, tests) for g, tests in wanted]))
        given = {weaken.TRIALS: str(trials), weaken.OUTCOMES: str(outcomes)}
        files = sorted({test.partition("::")[0] for _, tests in wanted for test in tests})
        if files:
            _pytest(["-p", "mutations.weaken", *files], cwd=ROOT, given=given)
        found = {n: (test, seconds) for n, test, seconds in weaken.read_outcomes(outcomes)}
        if files and weaken.THE_END not in found:
            raise RuntimeError("pytest died before it had run every trial")
    return [Finding(guard, *found.get(n, (None,))) for n, (guard, _) in enumerate(wanted)]


def in_copies(wanted: Sequence[Wanted]) -> Iterator[Finding]:
    """Take each guard of the source away in a copy, one run of pytest each."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(shutil.copytree(ROOT, Path(folder, "source"), ignore=_LEFT_OUT))
        for guard, tests in wanted:
            yield _in_copy(copy, guard, tests)


def _in_copy(copy: Path, guard: Guard, tests: list[str]) -> Finding:
    outcomes = copy / "outcomes.jsonl"
    outcomes.unlink(missing_ok=True)
    with _written(copy / guard.where, guard.new):
        _pytest(
            ["-x", "-p", "mutations.first_red", *tests],
            cwd=copy,
            given={weaken.OUTCOMES: str(outcomes)},
        )
    noticed = next(weaken.read_outcomes(outcomes), None)
    return Finding(guard, None) if noticed is None else Finding(guard, *noticed[1:])


@contextmanager
def _written(path: Path, text: str) -> Iterator[None]:
    before = path.read_text()
    path.write_text(text)
    try:
        yield
    finally:
        path.write_text(before)


def listen(paths: Sequence[str], *, out: Path) -> None:
    """Run the tests as they are, and write down which refusals they meet."""
    words = ["-p", "mutations.witnesses", "-m", "not browser and not processes", *paths]
    _pytest(words, cwd=ROOT, given={witnesses.WHERE: str(out)})


def collected(paths: Sequence[str]) -> list[str]:
    """The names of the tests in these places."""
    listing = subprocess.run(
        [*_PYTEST, "--collect-only", "-m", "not browser and not processes", *paths],
        cwd=ROOT,
        check=False,
        capture_output=True,
        text=True,
    )
    return [line for line in listing.stdout.splitlines() if "::" in line]


def _pytest(words: list[str], *, cwd: Path, given: dict[str, str]) -> None:
    # Red is what is hoped for, so neither the status nor what is printed says anything by itself.
    ended = subprocess.run(
        [*_PYTEST, *words],
        cwd=cwd,
        env={**os.environ, **given, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    if ended.returncode not in {0, 1, _NO_TESTS}:
        sys.stderr.write(ended.stdout[-2000:] + ended.stderr[-2000:])
        raise RuntimeError("pytest could not run the tests")
