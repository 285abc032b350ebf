"""The bench from end to end: it starts the service, plays, compares, and leaves nothing behind."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.laptop.supervisor import ROOT

pytestmark = pytest.mark.processes


def test_five_phones_find_nothing_wrong(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "bench",
            "phones",
            "--phones",
            "5",
            "--seconds",
            "10",
            "--seed",
            "1",
        ],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "Nothing went wrong." in done.stdout
    assert "The ledger is sound" in done.stdout
    assert counted(done.stdout, "phones that compared their money") == 5
    for event in ("bet placed", "same hop twice", "deposit credited"):
        assert counted(done.stdout, event) > 0
    assert list(tmp_path.iterdir()) == []


def counted(report: str, event: str) -> int:
    row = re.search(rf"{event} +│ +(\d+)", report)
    return int(row[1]) if row else 0
