"""PostgreSQL: how to reach it, and what to do when two transactions collide."""

import random
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, TypeVar

from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    Executable,
    Interval,
    MetaData,
    Row,
    Table,
    create_engine,
    func,
    select,
)
from sqlalchemy.exc import DBAPIError

Result = TypeVar("Result")

# serialization_failure, deadlock_detected, lock_not_available
RETRIED_STATES: Final = {"40001", "40P01", "55P03"}
ATTEMPTS: Final = 4
STATEMENT_TIMEOUT_MS: Final = 6_000
LOCK_TIMEOUT_MS: Final = 4_000
CONNECT_TIMEOUT_SECONDS: Final = 3

metadata = MetaData()

# How far the service's time is ahead of the server's: nought, but in tests and simulated days.
clock = Table(
    "clock",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("ahead", Interval, nullable=False),
)


def open_database(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for web or worker; connects on first use.

    A hop must answer within 8 s, so no statement and no lock may take longer than that.
    """
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
    return create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=CONNECT_TIMEOUT_SECONDS,
        # An error's text goes to the log, and what people typed has no business there.
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": options},
    )


def driver_url(url: str) -> str:
    """The same URL, naming the driver we use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def in_transaction(database: Engine, work: Callable[[Connection], Result]) -> Result:
    """Do the work in one transaction; after a collision or a lost connection, once more.

    Only what surely left no trace is repeated: work that failed before its COMMIT was sent. An
    error on COMMIT is passed on, for then nobody knows: the caller's idempotency key finds out.
    """
    for attempt in range(1, ATTEMPTS + 1):
        with database.connect() as connection:
            try:
                result = work(connection)
            except DBAPIError as error:
                if attempt == ATTEMPTS or not may_repeat(error):
                    raise
                connection.rollback()
            else:
                connection.commit()
                return result
        time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, no secret
    raise AssertionError("unreachable")


def at_once(
    database: Engine, statement: Executable, values: Mapping[str, object]
) -> list[Row[*tuple[Any, ...]]]:
    """Rows of one statement that commits by itself: one round trip instead of three.

    Never repeated: after an error nobody knows whether it took effect.
    """
    alone = database.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        result = connection.execute(statement, dict(values))
        return list(result) if result.returns_rows else []


def sql_state(error: DBAPIError) -> str | None:
    """The five characters by which PostgreSQL names an error."""
    return getattr(error.orig, "sqlstate", None)


def now(connection: Connection) -> datetime:
    """The one time every rule goes by: the database's, moved in tests by its owner."""
    moment: datetime = connection.execute(select(func.kibeezy_now())).scalar_one()
    return moment


def may_repeat(error: DBAPIError) -> bool:
    """Whether the transaction surely left no trace, so that doing it again is safe."""
    return error.connection_invalidated or sql_state(error) in RETRIED_STATES
