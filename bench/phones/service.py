"""The whole service with a home of its own, started and stopped as a person does."""

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import urllib3

from bench.surroundings import ROOT, CannotStart, free_port, kept_environment

_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_POLL_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Service:
    """A running service."""

    url: str
    simulator_url: str
    log: Path
    environment: dict[str, str]

    def verify_ledger(self) -> subprocess.CompletedProcess[str]:
        """Run `ledger verify`."""
        return subprocess.run(
            [sys.executable, "-m", "flask", "--app", "app", "ledger", "verify"],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def complaints(self) -> list[str]:
        """Return what the supervisor passed on from the logs of web, worker and simulator."""
        names = ("web: ", "worker: ", "simulator: ")
        return [line for line in self.log.read_text().splitlines() if line.startswith(names)]


@contextmanager
def running_service() -> Iterator[Service]:
    """Start everything on free ports; stop it and wipe its data, however the block ends.

    Raises CannotStart.
    """
    home = Path(tempfile.mkdtemp(prefix="kibeezy-bench-"))
    try:
        with _supervisor(home) as service:
            yield service
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _supervisor(home: Path) -> Iterator[Service]:
    port, simulator_port = free_port(), free_port()
    environment = {
        **kept_environment(),
        "KIBEEZY_HOME": str(home),
        "PORT": str(port),
        "SIMULATOR_PORT": str(simulator_port),
        # The phones here are never in the way of M-Pesa's prompt.
        "STK_PUSH_DELAY_SECONDS": "0",
    }
    service = Service(
        f"http://127.0.0.1:{port}",
        f"http://127.0.0.1:{simulator_port}",
        home / "supervisor.log",
        environment,
    )
    with service.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "laptop", "run"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _await(service, process)
        yield service
    finally:
        _stop(process)


def _await(service: Service, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not (_answers(f"{service.url}/readyz") and _answers(f"{service.simulator_url}/")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(service.log.read_text())
        time.sleep(_POLL_SECONDS)


def _answers(url: str) -> bool:
    with suppress(urllib3.exceptions.HTTPError):
        return urllib3.request("GET", url, timeout=5, retries=False).status == 200  # noqa: PLR2004 - HTTP's own number
    return False


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGINT)
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        # Its keeper stops what it leaves behind.
        process.kill()
        process.wait()
