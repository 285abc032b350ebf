"""`python -m mutations`: each guard of the money is taken away once, and a test must notice."""

import argparse
import re
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
from alembic import command
from alembic.config import Config
from rich.console import Console

from laptop.engines import create_database, temporary_engines
from mutations import candidates, noticed, report, trials
from mutations.bodies import in_functions
from mutations.by_hand import by_hand
from mutations.catalogue import catalogued
from mutations.guards import Finding, Guard
from mutations.source import ROOT, in_source
from mutations.trials import Wanted


def main() -> int:
    """Return 0 where each guard was noticed or is needless, 1 where one was not."""
    words = _parser().parse_args()
    known = noticed.read()
    guards = [
        guard
        for guard in _all_guards()
        if re.search(words.only, guard.name)
        and not (words.new and (guard.name in known.tests or known.why_needless(guard)))
    ]
    if words.known:
        findings = [Finding(guard, known.tests.get(guard.name)) for guard in guards]
    else:
        findings = _try(guards, _named(known), words.processes)
    if words.look:
        findings = _look(findings, words, known)
        known.tests |= {f.guard.name: f.noticed_by for f in findings if f.noticed_by}
        noticed.write(known)
    console = Console(soft_wrap=True)
    for finding in findings:
        report.show(console, finding, needless=known.why_needless(finding.guard))
    if words.only == "" and not words.new:
        report.write(findings, known)
    missing = report.unnoticed(findings, known)
    n_noticed = sum(finding.noticed_by is not None for finding in findings)
    console.print(f"{len(findings)} guards, {n_noticed} noticed, {len(missing)} without a test")
    return 1 if missing else 0


def _all_guards() -> list[Guard]:
    with temporary_engines() as engines:
        create_database(engines=engines, name="guarded")
        application, owner = engines.urls_of(database="guarded")
        config = Config(ROOT / "alembic.ini")
        config.attributes["urls"] = (owner, application)
        command.upgrade(config, "head")
        with psycopg.connect(owner) as connection:
            found = [*catalogued(connection), *in_functions(connection), *by_hand(connection)]
            for guard in found:
                _ensure_can_go(connection, guard)
    return sorted([*found, *in_source()], key=lambda guard: guard.rank)


def _ensure_can_go(connection: psycopg.Connection[Any], guard: Guard) -> None:
    # What cannot even be taken away would make every test red, and so would be noticed by all.
    if guard.sql:
        connection.execute(guard.sql.encode())
        connection.rollback()


def _named(known: noticed.Noticed) -> Callable[[Guard], list[str]]:
    return lambda guard: [known.tests[guard.name]] if guard.name in known.tests else []


def _look(
    findings: list[Finding], words: argparse.Namespace, known: noticed.Noticed
) -> list[Finding]:
    missing = [
        f.guard for f in findings if f.noticed_by is None and not known.why_needless(f.guard)
    ]
    heard: Path = words.heard
    if not heard.exists():
        trials.listen(words.tests, out=heard)
    refusals = candidates.read_refusals(heard)
    found = _try(missing, lambda guard: candidates.candidates(guard, refusals), words.processes)
    if words.within:
        everything = [t for t in trials.collected(words.within) if candidates.may_notice(t)]
        still = [finding.guard for finding in found if finding.noticed_by is None]
        found += _try(still, lambda _guard: everything, words.processes)
    by_name = {f.guard.name: f for f in found if f.noticed_by is not None}
    return [by_name.get(finding.guard.name, finding) for finding in findings]


def _try(
    guards: Sequence[Guard], tests_of: Callable[[Guard], list[str]], processes: int
) -> list[Finding]:
    wanted = [(guard, tests_of(guard)) for guard in guards]
    nobody = [Finding(guard, None) for guard, tests in wanted if not tests]
    tried = [pair for pair in wanted if pair[1]]
    with ThreadPoolExecutor(processes) as pool:
        parts = [tried[n::processes] for n in range(processes)]
        found = list(chain.from_iterable(pool.map(_try_some, parts)))
    place = {guard.name: n for n, guard in enumerate(guards)}
    return sorted([*nobody, *found], key=lambda finding: place[finding.guard.name])


def _try_some(wanted: Sequence[Wanted]) -> list[Finding]:
    databases = trials.in_databases([pair for pair in wanted if not pair[0].in_source])
    return [*databases, *trials.in_copies([pair for pair in wanted if pair[0].in_source])]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mutations", description=__doc__)
    parser.add_argument("--only", default="", metavar="PATTERN", help="guards whose name has it")
    parser.add_argument("--known", action="store_true", help="write the page and try nothing")
    parser.add_argument("--new", action="store_true", help="guards of which nothing is known yet")
    parser.add_argument("--processes", type=int, default=2, help="how many trials at once")
    parser.add_argument(
        "--look",
        action="store_true",
        help="find the test of each guard that has none, and write it into noticed.toml",
    )
    parser.add_argument(
        "--tests",
        nargs="+",
        default=["tests/core", "tests/payments", "tests/admin", "tests/sms", "tests/ussd"],
        metavar="PATH",
        help="the tests that are listened to, for who meets which refusal",
    )
    parser.add_argument(
        "--heard",
        type=Path,
        default=ROOT / ".cache" / "refusals.jsonl",
        metavar="FILE",
        help="what an earlier look heard: it is not listened again",
    )
    parser.add_argument(
        "--within",
        nargs="+",
        default=[],
        metavar="PATH",
        help="tests that are all tried where no refusal tells whom to ask",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
