"""One home directory, the single supervisor that owns it, and the processes it started."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from laptop.errors import CannotStart
from laptop.processes import Account, Kind, Started, read_record, started, stop, write_record
from laptop.sockets import remove_socket_directories

_ROOT_OF_CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass
class Household:
    """What one supervisor has running; made by `open_household`."""

    home: Path
    _record: Path
    _started: list[Started] = field(default_factory=list)
    _children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(
        self,
        *,
        name: str,
        kind: Kind,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        account: Account | None = None,
        stop_signal: int = signal.SIGTERM,
    ) -> "subprocess.Popen[bytes]":
        """Start a process in a group of its own; `log/<name>.log` has what it says, anew."""
        with self.log_path(name=name).open("wb") as log:
            child = subprocess.Popen(
                [str(part) for part in command],
                cwd=_ROOT_OF_CHECKOUT if account is None else "/",
                env=None if environment is None else dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
                user=None if account is None else account.uid,
                group=None if account is None else account.gid,
                extra_groups=None if account is None else [],
            )
        self._children[name] = child
        self._started.append(started(name=name, kind=kind, pid=child.pid, stop_signal=stop_signal))
        write_record(self._record, processes=self._started)
        return child

    def log_path(self, *, name: str) -> Path:
        return private_directory(self.home / "log") / f"{name}.log"

    def last_words(self, *, name: str, lines: int = 12) -> str:
        """Return the end of a process's log, for the person who must find out why it died."""
        path = self.log_path(name=name)
        text = path.read_text(errors="replace") if path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def children(self) -> list[tuple[str, "subprocess.Popen[bytes]"]]:
        return list(self._children.items())

    def stop(self) -> None:
        """Stop everything, services before engines. A repeat finds nothing to stop."""
        stop(self._started)
        for child in self._children.values():
            child.wait()
        self._started.clear()
        self._children.clear()


@contextmanager
def open_household(*, home: Path) -> Iterator[Household]:
    """Own `home` until the block ends, and leave no process behind, however it ends.

    What an earlier owner left running is stopped first. Raises CannotStart where another
    supervisor owns the home.
    """
    run = private_directory(private_directory(home) / "run")
    with _sole_owner(run / "lock", home=home):
        for leftover in run.glob("processes-*.json"):
            stop(read_record(leftover))
            leftover.unlink(missing_ok=True)
        household = Household(home, run / f"processes-{os.getpid()}.json")
        write_record(household._record, processes=())  # noqa: SLF001 - same file, same owner
        keeper = subprocess.Popen(
            [sys.executable, "-m", "laptop.keeper", str(household._record)],  # noqa: SLF001
            cwd=_ROOT_OF_CHECKOUT,
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            yield household
        finally:
            household.stop()
            household._record.unlink(missing_ok=True)  # noqa: SLF001
            remove_socket_directories(home=home)
            keeper.communicate()


def private_directory(path: Path) -> Path:
    """Make a directory, and its parents, for their owner only; what exists is left as it is."""
    if not path.is_dir():
        private_directory(path.parent)
        path.mkdir(mode=0o700)
    return path


@contextmanager
def _sole_owner(lock: Path, *, home: Path) -> Iterator[None]:
    # The kernel gives the lock back when its holder dies, so no stale lock can remain.
    with lock.open("ab") as handle:
        if not _locked(handle):
            raise CannotStart(
                f"{home} is in use by another `make run`: stop that one first, "
                "or set KIBEEZY_HOME to a directory of its own."
            )
        yield


def _locked(handle: IO[bytes]) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
