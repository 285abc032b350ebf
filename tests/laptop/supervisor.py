"""`make run` as a person sees it: what they type, what they read, what is left behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 60
# The settings of whoever runs the tests must not reach the service under test.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONDONTWRITEBYTECODE")


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port


@dataclass
class Supervisor:
    home: Path
    port: int
    simulator_port: int
    settings: dict[str, str] = field(default_factory=dict)
    _process: subprocess.Popen[str] | None = None
    _family: list[psutil.Process] = field(default_factory=list)

    def types(self, command: str, **settings: str) -> subprocess.CompletedProcess[str]:
        """Run one command that ends by itself."""
        return subprocess.run(
            [sys.executable, "-m", "laptop", command],
            cwd=ROOT,
            env=self._environment(settings),
            capture_output=True,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )

    def starts(self, **settings: str) -> str:
        """Run the service until it says that it runs; return what was printed until then."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "laptop", "run"],
            cwd=ROOT,
            env=self._environment(settings),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        read = "".join(self._lines_until("Ctrl-C stops everything"))
        assert "Kibeezy is running" in read, read
        self._family = psutil.Process(self._process.pid).children(recursive=True)
        return read

    def gets(self, signal_number: signal.Signals) -> tuple[int, str]:
        """Send a signal to the supervisor alone; return its status and its last words."""
        assert self._process is not None
        self._process.send_signal(signal_number)
        return self.ends()

    def ends(self) -> tuple[int, str]:
        assert self._process is not None
        words, _ = self._process.communicate(timeout=PATIENCE_SECONDS)
        return self._process.returncode, words

    def stops(self) -> None:
        """End whatever the test left running, by its own id."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.communicate(timeout=PATIENCE_SECONDS)

    def member(self, words: str) -> psutil.Process:
        """Return the process whose command line holds these words."""
        return next(each for each in self._family if words in " ".join(each.cmdline()))

    def left_behind(self) -> list[str]:
        """Wait for every process to be gone and return those that will not go."""
        return [str(each) for each in psutil.wait_procs(self._family, timeout=15)[1]]

    def answers(self) -> bool:
        urls = (f"http://127.0.0.1:{self.port}/readyz", f"http://127.0.0.1:{self.simulator_port}/")
        return all(requests.get(url, timeout=10).ok for url in urls)

    def is_listening(self) -> bool:
        for port in (self.port, self.simulator_port):
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                return True
        return False

    def setting(self, name: str) -> str:
        """Read a setting where the command line in another terminal would."""
        lines = (self.home / "env").read_text().splitlines()
        values = dict(line.split("=", 1) for line in lines)
        return values[name].strip("'")

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        return {
            **{name: os.environ[name] for name in _KEPT if name in os.environ},
            "KIBEEZY_HOME": str(self.home),
            "PORT": str(self.port),
            "SIMULATOR_PORT": str(self.simulator_port),
            **self.settings,
            **settings,
        }

    def _lines_until(self, words: str) -> Iterator[str]:
        assert self._process is not None
        assert self._process.stdout is not None
        deadline = time.monotonic() + PATIENCE_SECONDS
        for line in self._process.stdout:
            yield line
            if words in line or time.monotonic() > deadline:
                return
