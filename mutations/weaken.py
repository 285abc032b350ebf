"""A pytest plugin: runs tests once more for each guard, in a database that lacks it.

The environment names two files: the trials to make, as JSON, and where to write what came of each,
one line of JSON a trial. Without them the plugin does nothing.
"""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

import pytest

TRIALS: Final = "KIBEEZY_TRIALS"
OUTCOMES: Final = "KIBEEZY_OUTCOMES"
FIXTURE: Final = "weakened"
# Told last: a run that died before has said nothing about the rest.
THE_END: Final = -1
# A test's name with the number of a trial behind its own parameters.
_MADE: Final = re.compile(r"(.*)(\[|-)guard(\d+)\]", re.DOTALL)


class Trial(NamedTuple):
    """One guard, the SQL that takes it away, and the tests that may notice."""

    guard: str
    sql: str
    tests: list[str]


class Weaken:
    """Makes every trial; of the tests of one guard, those after the first red one are skipped."""

    def __init__(self, trials: list[Trial], outcomes: Path) -> None:
        self._trials = trials
        self._outcomes = outcomes
        self._wanted = {(test, n) for n, trial in enumerate(trials) for test in trial.tests}
        self._functions = {test.partition("[")[0] for test, _ in self._wanted}
        self._trial_of: dict[str, tuple[int, str]] = {}
        self._noticed: set[int] = set()
        self._order = {test: n for trial in trials for n, test in enumerate(trial.tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        name = metafunc.definition.nodeid
        if name in self._functions and FIXTURE in metafunc.fixturenames:
            wanted = sorted({n for test, n in self._wanted if test.partition("[")[0] == name})
            given = [pytest.param(self._trials[n].sql, id=f"guard{n}") for n in wanted]
            metafunc.parametrize(FIXTURE, given)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        for item in items:
            if found := _MADE.fullmatch(item.nodeid):
                test, joint, number = found.groups()
                test = f"{test}]" if joint == "-" else test
                if (test, int(number)) in self._wanted:
                    self._trial_of[item.nodeid] = (int(number), test)
        items[:] = [item for item in items if item.nodeid in self._trial_of]
        items.sort(key=lambda item: self._order[self._trial_of[item.nodeid][1]])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        if self._trial_of[item.nodeid][0] in self._noticed:
            pytest.skip("another test has noticed")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        number, test = self._trial_of[report.nodeid]
        if report.failed and number not in self._noticed:
            self._noticed.add(number)
            self._tell(number, test, report.duration)

    def pytest_sessionfinish(self) -> None:
        self._tell(THE_END, "", 0)

    def _tell(self, number: int, test: str, seconds: float) -> None:
        told = {"guard": number, "test": test, "seconds": round(seconds, 2)}
        with self._outcomes.open("a") as out:
            out.write(json.dumps(told) + "\n")


def pytest_configure(config: pytest.Config) -> None:
    """Make trials where the environment names them."""
    if path := os.environ.get(TRIALS):
        trials = [Trial(*one) for one in json.loads(Path(path).read_text())]
        config.pluginmanager.register(Weaken(trials, Path(os.environ[OUTCOMES])))


def read_outcomes(path: Path) -> Iterator[tuple[int, str, float]]:
    """The number of each noticed trial, with the test that noticed and how long it took."""
    for line in path.read_text().splitlines() if path.exists() else ():
        told = json.loads(line)
        yield told["guard"], told["test"], told["seconds"]
