"""`python -m tests`: every test, in two processes at once where there are two cores.

Each process has engines of its own. Whatever is asked for by arguments runs in one.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

_PYTEST: Final = (sys.executable, "-m", "pytest", "-q")
# About half of the time; a new folder is in the other half by itself.
_ONE_HALF: Final = (
    "admin",
    "architecture",
    "attacks",
    "conversations",
    "core",
    "sms",
    "texts",
)
_TESTS: Final = Path(__file__).parent


def main() -> int:
    """The exit status of pytest; of two runs, the worse one."""
    asked = sys.argv[1:]
    if asked or (os.cpu_count() or 1) < 2:
        return subprocess.run([*_PYTEST, *asked], check=False).returncode
    half = [str(_TESTS / folder) for folder in _ONE_HALF]
    rest = [str(_TESTS), *(f"--ignore={folder}" for folder in half)]
    with tempfile.TemporaryFile() as told:
        # Two writers would mix up their lines; one cache has one writer.
        other = subprocess.Popen(
            [*_PYTEST, "-p", "no:cacheprovider", *half], stdout=told, stderr=subprocess.STDOUT
        )
        try:
            here = subprocess.run([*_PYTEST, *rest], check=False).returncode
            there = other.wait()
        finally:
            other.terminate()
        told.seek(0)
        sys.stdout.buffer.write(told.read())
        sys.stdout.flush()
    return max(here, there)


if __name__ == "__main__":
    sys.exit(main())
