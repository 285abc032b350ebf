"""PostgreSQL and Redis of a bench's own, migrated, on a disk; nothing of them is left."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from sqlalchemy import Engine, create_engine, make_url, text

from bench.surroundings import ROOT, CannotStart, free_port, kept_environment
from core.database import driver_url, open_database
from core.settings import Settings
from laptop.demo_settings import Ports, compose
from laptop.engines import Engines
from laptop.household import Household, open_household
from laptop.postgres import DATABASE, SUPERUSER, start_postgres
from laptop.redis_engine import start_redis

# So that no checkpoint begins by itself in the middle of what is measured.
_SETTINGS = {"max_wal_size": "'16GB'", "checkpoint_timeout": "'1h'"}
_COPY = "kibeezy_copy"


@dataclass(frozen=True, slots=True)
class Ground:
    """A database of our own, by the application's login and by the owner's."""

    database: Engine
    owner: Engine
    settings: Settings
    environment: dict[str, str]
    household: Household
    superuser_url: str

    def flask(self, *words: str) -> "subprocess.Popen[str]":
        """Begin an operator's command in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "flask", "--app", "app", *words],
            cwd=ROOT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def configure(self, **values: str) -> None:
        """Change the server's own configuration."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            for name, value in values.items():
                connection.execute(f"ALTER SYSTEM SET {name} = {value}".encode())
            connection.execute("SELECT pg_reload_conf()")

    def copied(self) -> dict[str, str]:
        """Copy the database as it is; the environment of a service on the copy."""
        self.database.dispose()
        self.owner.dispose()
        with psycopg.connect(self.superuser_url, dbname="postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {_COPY} TEMPLATE {DATABASE}".encode())
        url = make_url(self.settings.database_url).set(database=_COPY)
        return {
            **self.environment,
            "DATABASE_URL": url.render_as_string(hide_password=False),
            "PORT": str(free_port()),
        }

    def rest(self) -> None:
        """Do now what the server would do at some time: statistics, and what is not on disk yet."""
        with psycopg.connect(self.superuser_url, autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")
            connection.execute("CHECKPOINT")

    def wal_bytes(self) -> int:
        """How much was written to the log since the cluster was made."""
        query = text("SELECT pg_current_wal_insert_lsn() - '0/0'")
        with self.owner.connect() as connection:
            return int(connection.execute(query).scalar_one())


@contextmanager
def temporary_ground() -> Iterator[Ground]:
    """Start both engines on the disk of TMPDIR, where a commit waits for it; wipe them afterwards.

    Raises CannotStart.
    """
    home = Path(tempfile.mkdtemp(prefix="kibeezy-bench-")).resolve()
    try:
        with open_household(home=home) as household:
            ground = _start(household)
            try:
                yield ground
            finally:
                ground.database.dispose()
                ground.owner.dispose()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _start(household: Household) -> Ground:
    engines = Engines(
        start_postgres(household=household, durability="kept"), start_redis(household=household)
    )
    urls = {
        "DATABASE_URL": engines.database_url,
        "MIGRATION_DATABASE_URL": engines.migration_database_url,
        "REDIS_URL": engines.redis_url,
    }
    home, ports = household.home, Ports(free_port(), free_port())
    composed = compose(environment={}, home=home, ports=ports, engine_urls=urls)
    environment = {**kept_environment(), **composed, "KIBEEZY_HOME": str(home)}
    _migrate(household, environment)
    ground = Ground(
        database=open_database(engines.database_url, pool_size=20),
        owner=create_engine(driver_url(engines.migration_database_url)),
        settings=Settings.model_validate({key.lower(): value for key, value in composed.items()}),
        environment=environment,
        household=household,
        superuser_url=engines.postgres.url(login=SUPERUSER, database=DATABASE),
    )
    ground.configure(**_SETTINGS)
    return ground


def _migrate(household: Household, environment: dict[str, str]) -> None:
    process = household.start(
        name="migrate",
        kind="service",
        command=[sys.executable, "-m", "alembic", "upgrade", "head"],
        environment={**os.environ, **environment},
    )
    if process.wait() != 0:
        raise CannotStart(household.last_words(name="migrate"))
