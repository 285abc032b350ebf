"""A pytest plugin: writes down the first test that is red."""

import json
import os
from pathlib import Path

import pytest

from mutations.weaken import OUTCOMES


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Append the test and its seconds to the file that the environment names."""
    if report.failed:
        told = {"guard": 0, "test": report.nodeid, "seconds": round(report.duration, 2)}
        with Path(os.environ[OUTCOMES]).open("a") as out:
            out.write(json.dumps(told) + "\n")
