"""The ledger attacked by the application's login, and by the owner short of changing the schema.

Each attack is shown twice: refused as the schema stands, and successful once its guard is gone.
"""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import NamedTuple

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state
from core.ledger import book
from core.ledger.book import KeyReused, Posted
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money, kes
from core.settings import Settings
from laptop.postgres import APPLICATION, OWNER
from tests.world import World

WANJIRU = "+254700000001"
NOT_PERMITTED = "42501"

_TRANSFER = (
    "INSERT INTO transfer (kind, scope, key, request_hash, n_entries, actor, posted_in)"
    " VALUES ('fee', 'attack', '1', sha256('x'), {n}, 'thief', 0)"
)
_NEW = "currval(pg_get_serial_sequence('transfer', 'id'))"
_FEE = "(SELECT id FROM account WHERE kind = 'fee_revenue')"
_REST = "(SELECT id FROM account WHERE kind = 'rounding')"
_TAX = "(SELECT id FROM account WHERE kind = 'excise_payable')"
_COLLECTION = "(SELECT id FROM account WHERE kind = 'mpesa_collection')"
_OLD = "(SELECT min(id) FROM transfer)"


def _entries(transfer: str, *legs: tuple[str, int]) -> str:
    rows = ", ".join(f"({transfer}, {account}, {cents})" for account, cents in legs)
    return f"INSERT INTO entry (transfer_id, account_id, cents) VALUES {rows}"


_COPY = (
    "INSERT INTO transfer (kind, scope, key, request_hash, n_entries, actor, posted_in)"
    " SELECT kind, scope, key, request_hash, n_entries, actor, 0 FROM transfer"
    f" WHERE id = {_OLD}"
)


class Attack(NamedTuple):
    name: str
    statements: tuple[str, ...]
    refused_as: str
    guards: tuple[str, ...]


_WHOLE = "DROP TRIGGER entry_whole_and_balanced ON entry"
_FILLED = "DROP TRIGGER transfer_has_entries ON transfer"
_KEPT = "DROP TRIGGER {table}_append_only ON {table}"
_KEPT_ENTRY, _KEPT_TRANSFER = _KEPT.format(table="entry"), _KEPT.format(table="transfer")

BY_THE_OWNER = [
    Attack(
        "unbalanced",
        (_TRANSFER.format(n=2), _entries(_NEW, (_FEE, -5), (_REST, 6))),
        "KB004",
        (_WHOLE,),
    ),
    Attack("empty", (_TRANSFER.format(n=2),), "KB004", (_FILLED,)),
    Attack(
        "empty, looked at early",
        ("SET CONSTRAINTS ALL IMMEDIATE", _TRANSFER.format(n=2), "SET CONSTRAINTS ALL DEFERRED"),
        "KB004",
        (_FILLED,),
    ),
    Attack(
        "legs appended in the same transaction",
        (
            _TRANSFER.format(n=2),
            _entries(_NEW, (_FEE, -5), (_REST, 5)),
            "SET CONSTRAINTS ALL IMMEDIATE",
            _entries(_NEW, (_TAX, 7)),
        ),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "balanced legs appended in the same transaction",
        (
            _TRANSFER.format(n=2),
            _entries(_NEW, (_FEE, -5), (_REST, 5)),
            "SET CONSTRAINTS ALL IMMEDIATE",
            _entries(_NEW, (_TAX, 7), (_COLLECTION, -7)),
        ),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "balanced legs appended later",
        (_entries(_OLD, (_FEE, -5), (_REST, 5)),),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "consistent rewrite",
        (f"UPDATE entry SET cents = cents * 2 WHERE transfer_id = {_OLD}",),
        "KB003",
        (_KEPT_ENTRY,),
    ),
    Attack("rewritten actor", ("UPDATE transfer SET actor = 'x'",), "KB003", (_KEPT_TRANSFER,)),
    Attack("deleted entries", ("DELETE FROM entry",), "KB003", (_KEPT_ENTRY,)),
    Attack("emptied entries", ("TRUNCATE entry",), "KB003", (_KEPT_ENTRY,)),
    Attack(
        "everything emptied",
        ("TRUNCATE transfer CASCADE",),
        "KB003",
        (_KEPT_ENTRY, _KEPT_TRANSFER, _KEPT.format(table="receipt")),
    ),
    Attack(
        "account given to another",
        ("UPDATE account SET owner = 9 WHERE owner IS NOT NULL AND kind = 'player_held'",),
        "KB003",
        (_KEPT.format(table="account"),),
    ),
    Attack(
        "forgotten wallet",
        ("DELETE FROM balance",),
        "KB003",
        ("DROP TRIGGER balance_never_removed ON balance",),
    ),
    Attack(
        "wallet below zero",
        ("UPDATE balance SET cents = -1",),
        "23514",
        ("ALTER TABLE balance DROP CONSTRAINT balance_not_below_minimum",),
    ),
    Attack(
        "the same key again",
        (
            _COPY,
            _entries(_NEW, (_FEE, -5), (_REST, 5)),
        ),
        "23505",
        ("ALTER TABLE transfer DROP CONSTRAINT transfer_idempotency",),
    ),
]

_ANYTHING_ON = "GRANT ALL ON {} TO " + APPLICATION
# What an injected statement might try; each with the grant that would let it through.
BY_THE_APPLICATION = [
    (_TRANSFER.format(n=2) + " ON CONFLICT DO NOTHING", None),
    (_entries(_OLD, (_FEE, -5), (_REST, 5)), None),
    ("UPDATE entry SET cents = cents * 2", None),
    ("DELETE FROM entry", None),
    ("TRUNCATE entry", None),
    ("UPDATE transfer SET actor = 'x'", None),
    ("INSERT INTO account (kind, owner) VALUES ('player_available', 77)", "account"),
    ("UPDATE balance SET cents = cents + 100", "balance"),
    ("INSERT INTO balance (account_id) VALUES ((SELECT min(id) FROM account))", "balance"),
    ("UPDATE clock SET ahead = ahead + interval '1 day'", "clock"),
    ("UPDATE bet SET side = 'no'", "bet"),
    ("DELETE FROM settlement", "settlement"),
    ("UPDATE audit_event SET actor = 'x'", None),
    ("UPDATE admin SET role = 'owner'", "admin"),
    ("UPDATE alarm SET why = 'nothing'", "alarm"),
    ("DELETE FROM alarm", "alarm"),
    ("INSERT INTO switch (kind) VALUES ('bets')", "switch"),
    ("DELETE FROM switch", "switch"),
    (f"SET ROLE {OWNER}", None),
    (f"SET SESSION AUTHORIZATION {OWNER}", None),
    ("SET session_replication_role = replica", None),
    ("ALTER TABLE entry DISABLE TRIGGER ALL", None),
    ("DROP TRIGGER entry_append_only ON entry", None),
    ("CREATE TABLE loot (cents bigint)", "SCHEMA public"),
    (
        "CREATE FUNCTION loot() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SCHEMA public",
    ),
    ("ALTER FUNCTION kibeezy_now() RENAME TO by_and_by", None),
    ("ALTER TABLE player ADD COLUMN loot int", None),
]


@pytest.fixture
def stocked(world: World) -> World:
    world.has_player(WANJIRU, balance=kes(100))
    return world


def attempt(engine: Engine, *statements: str) -> str | None:
    """Do all of it in one transaction; the state PostgreSQL refuses it with, None if it stands."""
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return sql_state(error)
    return None


@pytest.mark.parametrize("attack", BY_THE_OWNER, ids=lambda attack: attack.name)
def test_even_the_owner_is_refused(stocked: World, attack: Attack) -> None:
    assert attempt(stocked.owner, *attack.statements) == attack.refused_as


@pytest.mark.parametrize("attack", BY_THE_OWNER, ids=lambda attack: attack.name)
def test_without_its_guard_the_attack_succeeds(doomed: World, attack: Attack) -> None:
    assert attempt(doomed.owner, *attack.guards) is None
    assert attempt(doomed.owner, *attack.statements) is None


@pytest.fixture
def doomed(database: Engine, owner: Engine, settings: Settings) -> World:
    """The same stock in a world that nobody checks afterwards: it is about to be robbed."""
    world = World(database=database, owner=owner, settings=settings)
    world.has_player(WANJIRU, balance=kes(100))
    return world


@pytest.mark.parametrize("statement", [statement for statement, _ in BY_THE_APPLICATION])
def test_the_application_may_not(stocked: World, statement: str) -> None:
    assert attempt(stocked.database, statement) == NOT_PERMITTED


@pytest.mark.parametrize(
    ("statement", "granted"), [pair for pair in BY_THE_APPLICATION if pair[1] is not None]
)
def test_with_the_grant_it_could(doomed: World, statement: str, granted: str) -> None:
    assert attempt(doomed.owner, _ANYTHING_ON.format(granted)) is None
    assert attempt(doomed.database, statement) is None


@pytest.mark.parametrize(
    ("guards", "back_dated"), [((), 0), (("DROP TRIGGER transfer_stamped ON transfer",), 1)]
)
def test_a_transfer_cannot_be_back_dated(
    doomed: World, guards: tuple[str, ...], back_dated: int
) -> None:
    forged = _TRANSFER.format(n=2).replace("posted_in)", "posted_in, posted_at)")
    forged = forged.replace("0)", "pg_current_xact_id()::text::bigint, '2020-01-01')")
    legs = _entries(_NEW, (_FEE, -5), (_REST, 5))
    assert attempt(doomed.owner, *guards, forged, legs) is None
    with doomed.owner.connect() as connection:
        old = text("SELECT count(*) FROM transfer WHERE posted_at < '2021-01-01'")
        assert connection.execute(old).scalar_one() == back_dated


def test_a_key_with_other_contents_is_an_error(stocked: World) -> None:
    _post(stocked, kes(10))
    with pytest.raises(KeyReused):
        _post(stocked, kes(11))
    assert stocked.wallet(WANJIRU) == kes(110)


def test_one_key_from_many_threads_is_one_transfer(stocked: World) -> None:
    barrier = Barrier(8)

    def act() -> Posted:
        barrier.wait(timeout=10)
        return _post(stocked, kes(10))

    with ThreadPoolExecutor(8) as pool:
        posted = [future.result() for future in [pool.submit(act) for _ in range(8)]]
    assert len({result.transfer_id for result in posted}) == 1
    assert sum(not result.replayed for result in posted) == 1
    assert stocked.wallet(WANJIRU) == kes(110)


def _post(world: World, amount: Money) -> Posted:
    player_id = world.player(WANJIRU).id
    return in_transaction(
        world.owner,
        lambda c: book.post(
            c,
            Transfer(
                TransferKind.CAPITAL,
                Key("test", "one key"),
                (
                    Entry(book.system_account(c, kind=AccountKind.OPERATOR_CAPITAL), -amount),
                    Entry(book.available_account(c, player_id=player_id), amount),
                ),
                actor="test",
            ),
        ),
    )
