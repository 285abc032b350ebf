"""The commands behind the Makefile's targets."""

import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

from laptop.checks import audit_packages, check_migrations
from laptop.errors import CannotStart
from laptop.household import open_household
from laptop.run import run

DEFAULT_HOME = Path("var")
# Only what we made is wiped: KIBEEZY_HOME may name a directory that holds more.
_OURS = ("postgres", "postgres.draft", "redis", "log", "secrets", "env", "run")


def command(*, words: Sequence[str]) -> int:
    """Run the named command and return its exit status."""
    home = Path(os.environ.get("KIBEEZY_HOME") or DEFAULT_HOME).resolve()
    try:
        match list(words):
            case ["run"]:
                return run(home=home, default_home=DEFAULT_HOME.resolve())
            case ["reset"]:
                return reset(home=home)
            case ["check-migrations"]:
                return check_migrations()
            case ["audit-packages"]:
                return audit_packages()
            case _:
                print("python -m laptop run | reset | check-migrations | audit-packages")
                return 2
    except CannotStart as reason:
        sys.stderr.write(f"kibeezy: {reason}\n")
        return 2


def reset(*, home: Path) -> int:
    """Wipe the service's data under `home`; raises CannotStart while it runs. Repeats are free."""
    if not (home / "run").is_dir():
        print(f"Nothing to wipe in {home}.")
        return 0
    with open_household(home=home):
        for name in _OURS[:-1]:
            _remove(home / name)
    _remove(home / "run")
    if not any(home.iterdir()):
        home.rmdir()
    print(f"Wiped the data, the secrets and the logs in {home}.")
    return 0


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
