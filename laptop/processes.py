"""Processes we started, remembered in a file so that somebody else can stop them too."""

import json
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil

GRACE_SECONDS = 10.0
_POLL_SECONDS = 0.03
# Clocks are corrected while a process lives; two processes with one id start further apart.
_SAME_START_SECONDS = 2.0

Kind = Literal["engine", "service"]


@dataclass(frozen=True)
class Account:
    """Another login to run a process as, because PostgreSQL refuses to run as root."""

    uid: int
    gid: int


@dataclass(frozen=True)
class Started:
    """One process and how to stop it; services are stopped before the engines they use."""

    name: str
    kind: Kind
    pid: int
    started_at: float
    stop_signal: int


def started(*, name: str, kind: Kind, pid: int, stop_signal: int = signal.SIGTERM) -> Started:
    """Describe a process that runs now; the time it began tells it from a later namesake."""
    try:
        started_at = psutil.Process(pid).create_time()
    except psutil.NoSuchProcess:
        started_at = time.time()
    return Started(name, kind, pid, started_at, int(stop_signal))


def write_record(path: Path, *, processes: Sequence[Started]) -> None:
    """Replace the record in one step, so that a reader never sees half of it."""
    draft = path.with_suffix(".draft")
    draft.write_text(json.dumps([asdict(each) for each in processes]))
    draft.replace(path)


def read_record(path: Path) -> list[Started]:
    """Read what a supervisor has started; a record that is gone or broken names nothing."""
    try:
        return [Started(**each) for each in json.loads(path.read_text())]
    except (OSError, ValueError, TypeError):
        return []


def stop(processes: Sequence[Started]) -> None:
    """Stop services, then engines: politely, and after ten seconds by force. Repeats are free."""
    for kind in ("service", "engine"):
        group = [each for each in processes if each.kind == kind]
        for each in group:
            _send(each, each.stop_signal)
        if not _gone(group, within_seconds=GRACE_SECONDS):
            for each in group:
                _send(each, signal.SIGKILL)
            _gone(group, within_seconds=GRACE_SECONDS)


def _gone(processes: Sequence[Started], *, within_seconds: float) -> bool:
    deadline = time.monotonic() + within_seconds
    while any(_alive(each) for each in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(_POLL_SECONDS)
    return True


def _send(process: Started, number: int) -> None:
    for member in _alive(process):
        with suppress(psutil.Error, ProcessLookupError):
            member.send_signal(number)


def _alive(process: Started) -> list[psutil.Process]:
    if process.kind == "service":
        return [each for each in psutil.process_iter() if _in_group(each, process)]
    with suppress(psutil.Error):
        alone = psutil.Process(process.pid)
        if _lives(alone) and abs(alone.create_time() - process.started_at) < _SAME_START_SECONDS:
            return [alone]
    return []


def _in_group(candidate: psutil.Process, process: Started) -> bool:
    """Tell whether a service began this process; its workers may outlive the first of them."""
    try:
        if os.getpgid(candidate.pid) != process.pid or not _lives(candidate):
            return False
        return candidate.create_time() > process.started_at - _SAME_START_SECONDS
    except (psutil.Error, OSError):
        return False


def _lives(candidate: psutil.Process) -> bool:
    # A dead child waits here until its parent asks; nobody but us would.
    with suppress(ChildProcessError):
        os.waitpid(candidate.pid, os.WNOHANG)
    return candidate.is_running() and candidate.status() != psutil.STATUS_ZOMBIE
