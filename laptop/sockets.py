"""A directory for an engine's unix socket whose path is short enough for the kernel."""

import hashlib
import os
import shutil
import stat
from pathlib import Path

from laptop.errors import CannotStart
from laptop.processes import Account

# sun_path holds 104 bytes on macOS and 108 on Linux, with the closing zero byte.
_LONGEST_PATH = 103
_LONGEST_NAME = ".s.PGSQL.5432.lock"


def socket_directory(*, home: Path, engine: str, account: Account | None) -> Path:
    """Make the directory, open to the engine's account only; raises CannotStart if it is not ours.

    A checkout deep in a tree gets one under /tmp, named after the home so that two checkouts never
    meet. Somebody else may have made that name first, so its owner is checked, links included.
    """
    directory = _place(home, engine=engine)
    owner = os.geteuid() if account is None else account.uid
    if not os.path.lexists(directory):
        directory.mkdir(mode=0o700)
        if account is not None:
            os.chown(directory, account.uid, account.gid)
    found = directory.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in {owner, os.geteuid()}:
        raise CannotStart(f"{directory} belongs to somebody else: remove it and try again.")
    directory.chmod(0o700)
    if found.st_uid != owner and account is not None:
        os.chown(directory, account.uid, account.gid)
    return directory


def remove_socket_directories(*, home: Path) -> None:
    """Remove the directories of this home once its engines have stopped. Repeats are free."""
    for engine in ("postgres", "redis"):
        shutil.rmtree(_place(home, engine=engine), ignore_errors=True)


def _place(home: Path, *, engine: str) -> Path:
    directory = home / f"{engine}-socket"
    if len(os.fsencode(directory / _LONGEST_NAME)) <= _LONGEST_PATH:
        return directory
    digest = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    return Path("/tmp") / f"kibeezy-{digest}-{engine}"  # noqa: S108 - its owner is checked
