"""What is done again after a collision, and what never is."""

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import CommitUnknownError, at_once, in_transaction, open_database
from tests.world import World

COLLISION = text("DO $$ BEGIN RAISE EXCEPTION 'collided' USING ERRCODE = '40P01'; END $$")
DIE = text("SELECT pg_terminate_backend(pg_backend_pid())")
LOST_ON_COMMIT = """
CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER dies AFTER INSERT ON audit_event
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
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
