"""The supervisor behind `make run`: engines, migrations, demo, web, worker and simulator."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from laptop.demo_settings import Ports, compose, read_ports, write_environment_file
from laptop.errors import CannotStart
from laptop.given import require_postgres, require_redis
from laptop.household import Household, open_household
from laptop.log_watch import LogWatch
from laptop.postgres import APPLICATION, DATABASE, OWNER, start_postgres
from laptop.redis_engine import start_redis
from laptop.welcome import Demo, read_demo, welcome

READY_SECONDS = 60.0
_POLL_SECONDS = 0.1
_USAGE_STATUS = 2
_NOTHING_MORE: Mapping[str, str] = {}


class Interrupted(Exception):
    """Somebody asked us to stop."""


class Died(Exception):
    """A process ended on its own; carries the status that the supervisor ends with."""

    def __init__(self, words: str, *, status: int) -> None:
        super().__init__(words)
        self.status = status


@dataclass
class _Run:
    household: Household
    ports: Ports
    interrupted: list[int]
    environment: dict[str, str] = field(default_factory=dict)
    watches: list[LogWatch] = field(default_factory=list)


def run(*, home: Path, default_home: Path) -> int:
    """Run the whole service until somebody stops it, and return the exit status.

    0 after Ctrl-C or SIGTERM, 1 where a process died; raises CannotStart for what is status 2.
    """
    ports = read_ports(environment=os.environ)
    with _signals_noted() as interrupted:
        try:
            with open_household(home=home) as household:
                _require_free(ports)
                now = _Run(household, ports, interrupted)
                demo = _start(now)
                print(
                    welcome(
                        demo=demo,
                        ports=ports,
                        home=None if home == default_home else home,
                        has_staff_page=_answers(f"http://127.0.0.1:{ports.web}/admin/"),
                    ),
                    flush=True,
                )
                _watch(now)
        except Interrupted:
            pass
        except Died as fault:
            sys.stderr.write(f"kibeezy: {fault}\n")
            return fault.status
    print("Stopped.", flush=True)
    return 0


def _start(now: _Run) -> Demo:
    now.environment = _start_engines(now)
    _run_once(now, step="Migrations", name="migrate", module=["alembic", "upgrade", "head"])
    _run_once(now, step="Demo", name="demo", module=["laptop.demo"])
    demo = read_demo(now.household.log_path(name="demo").read_text())
    # The simulator shows the codes that the demo admins' phones would, and knows nothing else.
    phones = [{"email": each["email"], "secret": each["totp_secret"]} for each in demo["admins"]]
    for name, module, more in (
        ("simulator", ["simulator"], {"STAFF_PHONES": json.dumps(phones)}),
        ("web", ["flask", "--app", "app", "web"], {}),
        ("worker", ["flask", "--app", "app", "worker"], {}),
    ):
        _begin(now, name=name, module=module, more=more)
        now.watches.append(LogWatch(name, now.household.log_path(name=name)))
    _await_answer(now, step="Simulator", url=f"http://127.0.0.1:{now.ports.simulator}/")
    _await_answer(now, step="Service", url=f"http://127.0.0.1:{now.ports.web}/readyz")
    return demo


def _start_engines(now: _Run) -> dict[str, str]:
    urls = {**_start_postgres(now), **_start_redis(now)}
    home = now.household.home
    settings = compose(environment=os.environ, home=home, ports=now.ports, engine_urls=urls)
    write_environment_file(home=home, settings=settings)
    return {**os.environ, **settings, "KIBEEZY_HOME": str(home), "PYTHONUNBUFFERED": "1"}


def _start_postgres(now: _Run) -> dict[str, str]:
    given = [name for name in ("DATABASE_URL", "MIGRATION_DATABASE_URL") if name in os.environ]
    with _step("PostgreSQL"):
        if "DATABASE_URL" in given:
            # The application's login may not exist yet: the owner's migrations make it.
            require_postgres(variable=given[-1], url=os.environ[given[-1]])
            return {}
        postgres = start_postgres(household=now.household, durability="kept")
    _stop_if_asked(now)
    return {
        "DATABASE_URL": postgres.url(login=APPLICATION, database=DATABASE),
        "MIGRATION_DATABASE_URL": postgres.url(login=OWNER, database=DATABASE),
    }


def _start_redis(now: _Run) -> dict[str, str]:
    with _step("Redis"):
        if "REDIS_URL" in os.environ:
            require_redis(url=os.environ["REDIS_URL"])
            return {}
        url = start_redis(household=now.household)
    _stop_if_asked(now)
    return {"REDIS_URL": url}


def _run_once(now: _Run, *, step: str, name: str, module: list[str]) -> None:
    with _step(step):
        process = _begin(now, name=name, module=module)
        while (status := process.poll()) is None:
            _stop_if_asked(now)
            time.sleep(_POLL_SECONDS)
        if status != 0:
            raise _died(now.household, name=name, status=status)


def _begin(
    now: _Run, *, name: str, module: list[str], more: Mapping[str, str] = _NOTHING_MORE
) -> "subprocess.Popen[bytes]":
    return now.household.start(
        name=name,
        kind="service",
        command=[sys.executable, "-m", *module],
        environment={**now.environment, **more},
    )


def _await_answer(now: _Run, *, step: str, url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS
    with _step(step):
        while not _answers(url):
            _look_after(now)
            if time.monotonic() > deadline:
                raise Died(f"{url} did not answer within {READY_SECONDS:.0f} s.", status=1)
            time.sleep(_POLL_SECONDS)


def _watch(now: _Run) -> None:
    while True:
        _look_after(now)
        time.sleep(_POLL_SECONDS)


def _look_after(now: _Run) -> None:
    _stop_if_asked(now)
    for watch in now.watches:
        for line in watch.errors():
            sys.stderr.write(f"{line}\n")
    for name, process in now.household.children():
        status = process.poll()
        if status is not None and name not in {"migrate", "demo"}:
            raise _died(now.household, name=name, status=status)


def _died(household: Household, *, name: str, status: int) -> Died:
    words = household.last_words(name=name)
    if status == _USAGE_STATUS and words:
        return Died(words.splitlines()[-1].removeprefix("kibeezy: "), status=_USAGE_STATUS)
    log = household.log_path(name=name)
    return Died(f"{name} ended with status {status}; {log} ends:\n{words}", status=1)


def _require_free(ports: Ports) -> None:
    if ports.web == ports.simulator:
        raise CannotStart(f"PORT and SIMULATOR_PORT are both {ports.web}: they must differ.")
    for variable, port in (("PORT", ports.web), ("SIMULATOR_PORT", ports.simulator)):
        if _is_taken(port):
            raise CannotStart(f"Port {port} is taken: set {variable} to another one.")


def _is_taken(port: int) -> bool:
    for address in ("127.0.0.1", ""):
        with socket.socket() as trial:
            # The last connections of the run before may still be closing; that is no server.
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((address, port))
            except OSError:
                return True
    return False


def _answers(url: str) -> bool:
    with requests.Session() as session, suppress(requests.RequestException):
        session.trust_env = False  # A proxy of the person's has no business on this machine.
        return session.get(url, timeout=5).ok
    return False


@contextmanager
def _step(name: str) -> Iterator[None]:
    began = time.monotonic()
    yield
    print(f"  {name:<11} ready ({time.monotonic() - began:.1f} s)", flush=True)


def _stop_if_asked(now: _Run) -> None:
    if now.interrupted:
        raise Interrupted


@contextmanager
def _signals_noted() -> Iterator[list[int]]:
    """Only note a signal: an exception out of nowhere could lose a process just started."""
    noted: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda caught, _: noted.append(caught)) for number in numbers]
    try:
        yield noted
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)
