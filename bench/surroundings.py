"""Where the bench runs: this checkout, this machine's ports, this person's environment."""

import os
import socket
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# The settings of whoever runs this must not reach the service under load.
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "PYTHONDONTWRITEBYTECODE")


class CannotStart(Exception):
    """What is to be measured did not start; the text has its last words."""


def kept_environment() -> dict[str, str]:
    """Return what a process of the bench's takes over from whoever runs it."""
    return {name: os.environ[name] for name in _KEPT if name in os.environ}


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
        return port
