"""PostgreSQL: how to reach it, and what to do when two transactions collide."""

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any, Final, TypeVar

import psycopg
from psycopg.abc import PQGen
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Engine,
    ExceptionContext,
    Executable,
    Interval,
    MetaData,
    Row,
    Table,
    create_engine,
    event,
    func,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnectionInTime

Result = TypeVar("Result")

# serialization_failure, deadlock_detected, lock_not_available
RETRIED_STATES: Final = {"40001", "40P01", "55P03"}
ATTEMPTS: Final = 4
STATEMENT_TIMEOUT_MS: Final = 2_500
LOCK_TIMEOUT_MS: Final = 1_500
CONNECT_TIMEOUT_SECONDS: Final = 2
# How often a wait looks whether it was interrupted, as in psycopg itself.
LOOK_UP_SECONDS: Final = 0.1

SNAPSHOT: Final = text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

metadata = MetaData()
_ends_at: ContextVar[float | None] = ContextVar("ends_at", default=None)


class CommitUnknownError(Exception):
    """The connection was lost while a change was made durable: it may stand, or it may not."""


# How far the service's time is ahead of the server's: nought, but in tests and simulated days.
clock = Table(
    "clock",
    metadata,
    Column("only_row", Boolean, primary_key=True),
    Column("ahead", Interval, nullable=False),
)


def open_database(url: str, *, pool_size: int = 10) -> Engine:
    """An engine for web or worker; connects on first use.

    A hop must answer within 8 s, retries and all, so no statement and no lock may take long.
    What needs longer, such as a settlement, says so in its own transaction.
    """
    options = f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={LOCK_TIMEOUT_MS}"
    engine = create_engine(
        driver_url(url),
        pool_size=pool_size,
        max_overflow=10,
        pool_timeout=CONNECT_TIMEOUT_SECONDS,
        # An error's text goes to the log, and what people typed has no business there.
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_SECONDS, "options": options},
    )
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "handle_error", _keep_the_others)
    return engine


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Wait for the database for so long at most, over every statement made inside.

    `statement_timeout` is the server's own promise, and a server that hangs keeps none. A
    connection whose answer did not come in time is closed, as if it had been lost.
    """
    token = _ends_at.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _ends_at.reset(token)


def seconds_left() -> float:
    """What is left of the innermost time limit; without one, for ever."""
    ends_at = _ends_at.get()
    return float("inf") if ends_at is None else ends_at - time.monotonic()


def took_too_long(error: Exception) -> bool:
    """Whether it failed for want of time: the limit's, or that for a connection."""
    match error:
        case NoConnectionInTime() | DBAPIError(orig=psycopg.errors.ConnectionTimeout()):
            return True
        case _:
            return seconds_left() <= 0


def driver_url(url: str) -> str:
    """The same URL, naming the driver we use."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def in_transaction(database: Engine, work: Callable[[Connection], Result]) -> Result:
    """Do the work in one transaction; after a collision or a lost connection, up to 3 times more.

    Only what surely left no trace is repeated: work that failed before its COMMIT was sent.
    Raises CommitUnknownError where the answer to COMMIT was lost: the caller's idempotency key
    finds out.
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
                commit(connection)
                return result
        pause_before_retry(attempt)
    raise AssertionError("unreachable")


def begin_snapshot(connection: Connection) -> None:
    """Let everything that this transaction reads be of one moment, and let it write nothing.

    This must be the first thing the transaction does. It may take as long as it takes.
    """
    connection.execute(SNAPSHOT)
    connection.execute(text("SET LOCAL statement_timeout = 0"))


def be_patient(connection: Connection) -> None:
    """Let each statement of this transaction take a minute: who searches has more time than a call.

    A repeat changes nothing.
    """
    connection.execute(text("SET LOCAL statement_timeout = '60s'"))


def at_once(
    database: Engine, statement: Executable, values: Mapping[str, object]
) -> list[Row[*tuple[Any, ...]]]:
    """Rows of one statement that commits by itself: one round trip instead of three.

    Never repeated. Raises CommitUnknownError where the connection was lost on the way.
    """
    alone = database.execution_options(isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        try:
            result = connection.execute(statement, dict(values))
        except DBAPIError as error:
            if error.connection_invalidated:
                raise CommitUnknownError from error
            raise
        return list(result) if result.returns_rows else []


def commit(connection: Connection) -> None:
    """Commit. Raises CommitUnknownError where the connection was lost before the answer."""
    try:
        connection.commit()
    except DBAPIError as error:
        if error.connection_invalidated:
            raise CommitUnknownError from error
        raise


def pause_before_retry(attempt: int) -> None:
    """Let the other transaction finish; longer with each attempt, and never in step with it."""
    time.sleep(random.uniform(0.005, 0.05) * attempt)  # noqa: S311 - jitter, no secret


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


def _keep_the_others(context: ExceptionContext) -> None:
    # A connection that was closed because time was over says nothing about the rest of the pool.
    if seconds_left() <= 0:
        context.invalidate_pool_on_disconnect = False


class _Connection(psycopg.Connection[Any]):
    """A connection that waits no longer than the time limit allows."""

    def wait(
        self,
        gen: PQGen[Result],
        interval: float = LOOK_UP_SECONDS,
        timeout: float | None = None,
    ) -> Result:
        left = seconds_left()
        if left != float("inf"):
            timeout = max(left, 0.0) if timeout is None else min(timeout, max(left, 0.0))
        try:
            return super().wait(gen, interval, timeout)
        except psycopg.OperationalError:
            # What the server will do with the statement is unknown, so nobody may go on with it.
            if seconds_left() <= 0:
                self.close()
            raise


def _connect(_dialect: object, _record: object, args: list[Any], options: dict[str, Any]) -> object:
    # The driver waits for whole seconds, so a connection is begun only if it can end in time.
    if seconds_left() < CONNECT_TIMEOUT_SECONDS:
        raise psycopg.errors.ConnectionTimeout("no time is left to connect")
    return _Connection.connect(*args, **options)
