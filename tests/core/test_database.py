"""What is done again after a collision, what never is, and how long anything is waited for."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import (
    CommitUnknownError,
    at_once,
    commit,
    in_transaction,
    open_database,
    seconds_left,
    time_limit,
    took_too_long,
)
from core.markets.plan import be_patient
from tests.chaos.street import eventually
from tests.world import World

COLLISION = text("DO $$ BEGIN RAISE EXCEPTION 'collided' USING ERRCODE = '40P01'; END $$")
DIE = text("SELECT pg_terminate_backend(pg_backend_pid())")
LOST_ON_COMMIT = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
"""
SLOW_COMMIT = """
CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_sleep(2.2); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dawdles AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle();
"""
WRITE = text("INSERT INTO audit_event (actor, act, subject) VALUES ('a', 'b', 'c')")


@pytest.mark.parametrize("trouble", [COLLISION, DIE], ids=["collision", "lost connection"])
def test_work_that_left_no_trace_is_done_again(world: World, trouble: object) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> str:
        connection.execute(WRITE)
        tries.append(1)
        if len(tries) == 1:
            connection.execute(trouble)  # type: ignore[call-overload]
        return "done"

    assert in_transaction(world.database, work) == "done"
    assert len(tries) == 2
    assert world.count("audit_event") == 1


def test_a_collision_that_never_ends_is_passed_on(database: Engine) -> None:
    with pytest.raises(DBAPIError):
        in_transaction(database, lambda c: c.execute(COLLISION))


def test_an_error_of_our_own_is_not_repeated(database: Engine) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(text("SELECT nothing_of_the_kind"))

    with pytest.raises(DBAPIError):
        in_transaction(database, work)
    assert len(tries) == 1


def test_a_lost_commit_is_unknown_and_never_repeated(world: World) -> None:
    with world.owner.begin() as connection:
        connection.execute(text(LOST_ON_COMMIT))
    tries: list[int] = []

    def work(connection: Connection) -> None:
        tries.append(1)
        connection.execute(WRITE)

    with pytest.raises(CommitUnknownError):
        in_transaction(world.database, work)
    with pytest.raises(CommitUnknownError):
        at_once(world.database, WRITE, {})
    assert len(tries) == 1


def test_no_statement_and_no_lock_takes_longer_than_a_caller_waits(urls: tuple[str, str]) -> None:
    engine = open_database(urls[0])
    with engine.connect() as connection, pytest.raises(DBAPIError, match="statement timeout"):
        connection.execute(text("SELECT pg_sleep(60)"))
    engine.dispose()


def test_a_wait_ends_with_the_time_limit_and_takes_its_connection_along(database: Engine) -> None:
    with database.connect() as connection, time_limit(0.3):
        began = time.monotonic()
        with pytest.raises(DBAPIError) as caught:
            connection.execute(text("SELECT pg_sleep(2)"))
        assert time.monotonic() - began < 1
        assert caught.value.connection_invalidated, "nobody may go on with it"
        assert took_too_long(caught.value)
    with database.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_a_wait_that_ends_too_late_costs_its_own_connection_only(database: Engine) -> None:
    pid = text("SELECT pg_backend_pid()")
    with database.connect() as slow, database.connect() as other:
        kept = other.execute(pid).scalar_one()
        with time_limit(0.2), pytest.raises(DBAPIError):
            slow.execute(text("SELECT pg_sleep(2)"))
    with database.connect() as one, database.connect() as two:
        assert kept in {one.execute(pid).scalar_one(), two.execute(pid).scalar_one()}


def test_a_commit_that_outlasts_the_time_limit_is_unknown(world: World) -> None:
    with world.owner.begin() as connection:
        connection.execute(text(SLOW_COMMIT))
    with world.database.connect() as connection, time_limit(0.8):
        connection.execute(WRITE)
        with pytest.raises(CommitUnknownError):
            commit(connection)
    assert world.count("audit_event") == 0
    # The server has never heard that nobody waits any more.
    eventually(lambda: world.count("audit_event") == 1)


def test_no_connection_is_begun_that_could_not_end_in_time(database: Engine) -> None:
    with time_limit(0.5), pytest.raises(DBAPIError) as caught:
        database.connect()
    assert took_too_long(caught.value)
    with database.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar_one() == 1


def test_the_pool_is_waited_for_no_longer_than_a_connection(urls: tuple[str, str]) -> None:
    engine = open_database(urls[0], pool_size=1)
    held = [engine.connect() for _ in range(11)]
    began = time.monotonic()
    with pytest.raises(Exception, match="QueuePool") as caught:
        engine.connect()
    assert time.monotonic() - began < 3
    assert took_too_long(caught.value)
    for connection in held:
        connection.close()
    engine.dispose()


def test_work_outside_a_hop_has_no_time_limit(database: Engine) -> None:
    # Longer than a statement of a hop may take: a settlement's, in the worker or a command.
    def settles(connection: Connection) -> str:
        be_patient(connection)
        connection.execute(text("SELECT pg_sleep(2.8)"))
        return "settled"

    with ThreadPoolExecutor(1) as worker, time_limit(0.2):
        working = worker.submit(in_transaction, database, settles)
        assert working.result() == "settled"
    assert seconds_left() == float("inf")
