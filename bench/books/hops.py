"""How long a hop takes over HTTP for players of the crowd, up to the page that asks for a stake."""

import secrets
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from random import Random
from urllib.parse import urlencode

import urllib3

from bench.books.crowd import Crowd
from bench.books.ground import Ground
from bench.surroundings import CannotStart

_START_SECONDS = 60.0
_POLL_SECONDS = 0.2
_CALLERS = 4
_OK = 200
# Dial, then Bet, the first market, YES.
_KEYS = ("", "1", "1*1", "1*1*1")
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@contextmanager
def running_web(
    ground: Ground, *, name: str, environment: dict[str, str]
) -> Iterator[urllib3.HTTPConnectionPool]:
    """One web process. Raises CannotStart."""
    process = ground.household.start(
        name=name,
        kind="service",
        command=[sys.executable, "-m", "flask", "--app", "app", "web"],
        environment=environment,
    )
    pool = urllib3.HTTPConnectionPool(
        "127.0.0.1", int(environment["PORT"]), maxsize=_CALLERS, timeout=10
    )
    deadline = time.monotonic() + _START_SECONDS
    while not _is_ready(pool):
        if process.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(ground.household.last_words(name=name))
        time.sleep(_POLL_SECONDS)
    yield pool
    process.terminate()
    process.wait()


def milliseconds_of_hops(
    ground: Ground, pool: urllib3.HTTPConnectionPool, crowd: Crowd, *, seconds: float, seed: int
) -> list[float]:
    """Let a few callers at a time dial and choose until time is up, each call another player."""
    secret = ground.settings.at_callback_secret.get_secret_value()
    ends_at = time.monotonic() + seconds

    def call(number: int) -> list[float]:
        rng, took = Random(f"{seed}:{number}"), []
        while time.monotonic() < ends_at:
            phone = crowd.phone(rng.randrange(crowd.size))
            session = f"ATUid_{secrets.token_hex(16)}"
            for keys in _KEYS:
                form = {
                    "sessionId": session,
                    "serviceCode": ground.settings.ussd_service_code,
                    "phoneNumber": phone,
                    "networkCode": "63902",
                    "text": keys,
                }
                began = time.perf_counter()
                answer = pool.request(
                    "POST", f"/ussd/{secret}", body=urlencode(form), headers=_FORM, retries=False
                )
                took.append((time.perf_counter() - began) * 1000)
                body = answer.data.decode()
                assert answer.status == _OK and body.startswith("CON"), body  # noqa: PT018
        return took

    with ThreadPoolExecutor(_CALLERS) as callers:
        return [one for took in callers.map(call, range(_CALLERS)) for one in took]


def _is_ready(pool: urllib3.HTTPConnectionPool) -> bool:
    try:
        return pool.request("GET", "/readyz", retries=False).status == _OK
    except urllib3.exceptions.HTTPError:
        return False
