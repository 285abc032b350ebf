"""Whatever the owner of the database rewrites, with every guard taken down, is named."""

from collections.abc import Iterator
from typing import LiteralString

import psycopg
import pytest
from sqlalchemy import create_engine

from core.database import driver_url, open_database
from core.ledger.audit import verify
from core.money import kes
from core.seal.verify_chain import Head, verify_chain
from laptop.engines import Engines, create_database, drop_database
from laptop.postgres import SUPERUSER
from tests.conftest import TEMPLATE
from tests.settings import make_settings
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
# Transfers 1 and 2 are in block 1, 3 in block 2, 4 in block 3.
_NEXT = "(SELECT from_xid FROM seal_block WHERE number = 2)"
_REHASHED = """
    UPDATE transfer t SET request_hash = sha256(convert_to(
        kind || '|' || coalesce(reverses::text, 'None') || '|' || e.lines, 'UTF8'))
    FROM (SELECT transfer_id, string_agg(account_id || ':' || cents, '|'
                 ORDER BY (account_id || ':' || cents) COLLATE "C") AS lines
          FROM entry GROUP BY transfer_id) e
    WHERE e.transfer_id = t.id;
"""
# The block is computed anew, as a thief with the recipe would; its successor remembers the old.
_BLOCK_2_ANEW = """
    UPDATE seal_block b SET transfers_hash = t.hash, transfer_leaves = t.leaves
    FROM (SELECT sha256(string_agg(digest, '' ORDER BY id)) AS hash,
              string_agg(int8send(id) || substr(digest, 1, 4), '' ORDER BY id) AS leaves
          FROM seal_block s, transfer_digests(s.from_xid, s.until_xid)
          WHERE s.number = 2) t WHERE number = 2;
    UPDATE seal_block SET hash = sha256(convert_to(json_build_array(
        number, encode(previous_hash, 'hex'), from_xid, until_xid, n_transfers,
        encode(transfers_hash, 'hex'), n_events, encode(events_hash, 'hex'), total_transfers,
        total_events, to_char(sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
        )::text, 'UTF8')) WHERE number = 2;
"""

TAMPERED: list[tuple[str, LiteralString, str]] = [
    (
        "amount, and all that depends on it",
        "UPDATE entry SET cents = cents * 2 WHERE transfer_id = 3;"
        "UPDATE balance SET cents = cents + 100 WHERE account_id IN"
        " (SELECT account_id FROM entry WHERE transfer_id = 3);" + _REHASHED,
        "block 2: transfer 3 (ref 7LKANW) was changed",
    ),
    ("reason", "UPDATE transfer SET reason = 'x' WHERE id = 3", "block 2: transfer 3"),
    ("actor", "UPDATE transfer SET actor = 'x' WHERE id = 1", "block 1: transfer 1"),
    (
        "moment",
        "UPDATE transfer SET posted_at = posted_at - interval '1 microsecond' WHERE id = 3",
        "block 2: transfer 3",
    ),
    (
        "another's wallet",
        "UPDATE account SET owner = 9 WHERE kind = 'player_available' AND owner = 1",
        "block 1: transfer 1",
    ),
    (
        "deleted",
        "DELETE FROM entry WHERE transfer_id = 3; DELETE FROM transfer WHERE id = 3",
        "block 2: transfer 3 (ref 7LKANW) is gone",
    ),
    (
        "put in among the old",
        f"""
        INSERT INTO transfer
            (kind, scope, key, request_hash, n_entries, actor, posted_at, posted_in)
        SELECT kind, scope, 'x', request_hash, n_entries, actor, posted_at, {_NEXT}
        FROM transfer WHERE id = 3
        """,
        "block 2: transfer 5",
    ),
    (
        "moved into another block",
        f"UPDATE transfer SET posted_in = {_NEXT} WHERE id = 4",
        "block 3: transfer 4 (ref",
    ),
    (
        "two blocks swapped",
        """
        UPDATE seal_block SET number = 99 WHERE number = 2;
        UPDATE seal_block SET number = 2 WHERE number = 3;
        UPDATE seal_block SET number = 3 WHERE number = 99;
        """,
        "block 2 does not follow the one before",
    ),
    (
        "a block cut out",
        "DELETE FROM seal_block WHERE number = 2",
        "block 3 does not follow the one before",
    ),
    (
        "a block cut out, and what follows made to look too much to read",
        """
        DELETE FROM seal_block WHERE number = 2;
        UPDATE seal_block SET total_transfers = 1000000000 WHERE number = 3;
        """,
        "block 3 does not follow the one before",
    ),
    (
        "a block's own account of itself",
        "UPDATE seal_block SET sealed_at = sealed_at - interval '1 hour' WHERE number = 2",
        "block 2 is not what its hash says",
    ),
    (
        "a block's leaves",
        """
        UPDATE seal_block SET transfer_leaves = set_byte(transfer_leaves, 8, 0) WHERE number = 1;
        UPDATE seal_block SET event_leaves = set_byte(event_leaves, 8, 0) WHERE number = 1
        """,
        "block 1: its list of transfers was rewritten",
    ),
    (
        "who did it",
        "UPDATE audit_event SET actor = 'somebody else' WHERE id = 1",
        "block 1: audit event 1 was changed",
    ),
    ("an act deleted", "DELETE FROM audit_event WHERE id = 1", "block 1: audit event 1 is gone"),
    (
        "a transfer and its block",
        "UPDATE transfer SET reason = 'x' WHERE id = 3;" + _BLOCK_2_ANEW,
        "block 3 does not follow the one before",
    ),
]


@pytest.fixture(scope="module")
def sealed_book(engines: Engines) -> str:
    name = "kibeezy_sealed_book"
    create_database(engines=engines, name=name, template=TEMPLATE)
    app_url, owner_url = engines.urls_of(database=name)
    database, owner = open_database(app_url), create_engine(driver_url(owner_url))
    settings = make_settings(
        database_url=app_url, migration_database_url=owner_url, redis_url=engines.redis_url
    )
    world = World(database=database, owner=owner, settings=settings)
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(100))
    world.seals()
    for phone in (WANJIRU, OTIENO):
        world.gives(phone, kes(1))
        world.seals()
    database.dispose()
    owner.dispose()
    return name


@pytest.fixture
def copy(engines: Engines, sealed_book: str) -> Iterator[str]:
    name = f"{sealed_book}_copy"
    create_database(engines=engines, name=name, template=sealed_book)
    yield name
    drop_database(engines=engines, name=name)


def faults(engines: Engines, database: str, known: Head | None = None) -> list[str]:
    engine = open_database(engines.urls_of(database=database)[0])
    with engine.connect() as connection:
        checked = verify_chain(connection, progress=lambda _done, _all: None, known=known)
    engine.dispose()
    return [fault.detail for fault in checked.faults]


def rewrite(engines: Engines, database: str, statements: LiteralString) -> None:
    with psycopg.connect(engines.postgres.url(login=SUPERUSER, database=database)) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(statements)


def head(engines: Engines, database: str) -> Head:
    with psycopg.connect(engines.postgres.url(login=SUPERUSER, database=database)) as superuser:
        row = superuser.execute(
            "SELECT number, encode(hash, 'hex') FROM seal_block ORDER BY number DESC LIMIT 1"
        ).fetchone()
        assert row is not None
        return Head(*row)


def test_an_honest_book_has_no_fault(engines: Engines, copy: str) -> None:
    assert faults(engines, copy, head(engines, copy)) == []


@pytest.mark.parametrize(
    ("statements", "named"), [case[1:] for case in TAMPERED], ids=[case[0] for case in TAMPERED]
)
def test_what_was_rewritten_is_named(
    engines: Engines, copy: str, statements: LiteralString, named: str
) -> None:
    rewrite(engines, copy, statements)
    found = faults(engines, copy)
    assert [fault for fault in found if fault.startswith(named)], found


def test_only_a_head_that_others_keep_tells_of_an_end_computed_anew(
    engines: Engines, copy: str
) -> None:
    kept = head(engines, copy)
    rewrite(engines, copy, "DELETE FROM seal_block WHERE number = 3")
    rewrite(engines, copy, "UPDATE transfer SET reason = 'x' WHERE id = 3;" + _BLOCK_2_ANEW)
    assert faults(engines, copy) == []
    [fault] = faults(engines, copy, kept)
    assert fault == f"block 3 is missing, not {kept.hash}"


def test_a_rewritten_book_can_pass_every_other_invariant(engines: Engines, copy: str) -> None:
    """So the chain is needed: nothing else sees a changed reason."""
    rewrite(engines, copy, "UPDATE transfer SET reason = 'a favour' WHERE id = 3")
    engine = open_database(engines.urls_of(database=copy)[0])
    with engine.connect() as connection:
        assert verify(connection) == []
    engine.dispose()
    assert len(faults(engines, copy)) == 2
