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
from tests.world import World

WANJIRU = "+254700000001"

TRANSFER = (
    "INSERT INTO transfer (kind, scope, key, request_hash, n_entries, actor, posted_in)"
    " VALUES ('clawback', 'attack', '1', sha256('x'), {n}, 'thief', 0)"
)
# A kind that needs nothing it is for.
FREE = TRANSFER.replace("clawback", "capital")
_NEW = "currval(pg_get_serial_sequence('transfer', 'id'))"
_WALLET = "(SELECT id FROM account WHERE kind = 'player_available')"
_CAPITAL = "(SELECT id FROM account WHERE kind = 'operator_capital')"
_PAID_OUT = "(SELECT id FROM account WHERE kind = 'mpesa_payout')"
FEE = "(SELECT id FROM account WHERE kind = 'fee_revenue')"
REST = "(SELECT id FROM account WHERE kind = 'rounding')"
_OWED = "(SELECT id FROM account WHERE kind = 'player_clawback')"
_OWING = (
    "INSERT INTO account (kind, owner)"
    " SELECT 'player_clawback', owner FROM account WHERE kind = 'player_available'"
)
OLD = "(SELECT min(id) FROM transfer)"
# An attack moves money for nothing: that guard has tests of its own, in tests/attacks.
_WITHOUT_PURPOSE = "DROP TRIGGER IF EXISTS transfer_has_purpose ON transfer"


def entries(transfer: str, *legs: tuple[str, int]) -> str:
    rows = ", ".join(f"({transfer}, {account}, {cents})" for account, cents in legs)
    return f"INSERT INTO entry (transfer_id, account_id, cents) VALUES {rows}"


def _posting(transfer: str, *legs: tuple[str, int]) -> str:
    """Both in one statement, as the schema wants it."""
    rows = ", ".join(f"({account}, {cents})" for account, cents in legs)
    return (
        f"WITH t AS ({transfer} RETURNING id) INSERT INTO entry (transfer_id, account_id, cents)"
        f" SELECT t.id, legs.* FROM t, (VALUES {rows}) legs"
    )


_COPY = (
    "INSERT INTO transfer (kind, scope, key, request_hash, n_entries, actor, posted_in)"
    " SELECT kind, scope, key, request_hash, n_entries, actor, 0 FROM transfer"
    f" WHERE id = {OLD}"
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
        (_posting(TRANSFER.format(n=2), (_WALLET, -5), (_PAID_OUT, 6)),),
        "KB004",
        (_WHOLE,),
    ),
    Attack("empty", (TRANSFER.format(n=2),), "KB004", (_FILLED,)),
    Attack(
        "empty, looked at early",
        ("SET CONSTRAINTS ALL IMMEDIATE", FREE.format(n=2), "SET CONSTRAINTS ALL DEFERRED"),
        "KB004",
        (_FILLED,),
    ),
    Attack(
        "legs appended in the same transaction",
        (
            _posting(TRANSFER.format(n=2), (_WALLET, -5), (_PAID_OUT, 5)),
            entries(_NEW, (FEE, 7)),
        ),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "balanced legs appended in the same transaction",
        (
            _posting(TRANSFER.format(n=2), (_WALLET, -5), (_PAID_OUT, 5)),
            entries(_NEW, (_CAPITAL, -5), (FEE, 5)),
        ),
        "KB008",
        (_WHOLE,),
    ),
    Attack(
        "as many legs again, where the kind may",
        (
            _OWING,
            _posting(TRANSFER.format(n=2), (_WALLET, -5), (_PAID_OUT, 5)),
            entries(_NEW, (_OWED, -5), (FEE, 5)),
        ),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "money from where its kind takes none",
        (_posting(TRANSFER.format(n=2), (_CAPITAL, -5), (_PAID_OUT, 5)),),
        "KB008",
        (_WHOLE,),
    ),
    Attack(
        "entries of no transfer", (entries("999999", (FEE, -5), (REST, 5)),), "23503", (_WHOLE,)
    ),
    Attack(
        "more than is there",
        (_posting(TRANSFER.format(n=2), (_WALLET, -10_001), (_PAID_OUT, 10_001)),),
        "KB002",
        ("DROP TRIGGER wallet_follows_entries ON entry",),
    ),
    Attack(
        "balanced legs appended later",
        (entries(OLD, (FEE, -5), (REST, 5)),),
        "KB004",
        (_WHOLE,),
    ),
    Attack(
        "consistent rewrite",
        (f"UPDATE entry SET cents = cents * 2 WHERE transfer_id = {OLD}",),
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
        (
            _KEPT_ENTRY,
            _KEPT_TRANSFER,
            _KEPT.format(table="receipt"),
            _KEPT.format(table="cancelled_bet"),
        ),
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
        (_posting(_COPY, (_CAPITAL, -5), (_WALLET, 5)),),
        "23505",
        ("ALTER TABLE transfer DROP CONSTRAINT transfer_idempotency",),
    ),
]


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
    assert attempt(doomed.owner, *attack.guards, _WITHOUT_PURPOSE) is None
    assert attempt(doomed.owner, *attack.statements) is None


_HERE = "pg_current_xact_id()::text::bigint"


@pytest.mark.parametrize(
    ("posted_in", "guards", "refused_as", "back_dated"),
    [
        ("0", (), None, 0),
        ("0", ("DROP TRIGGER transfer_stamped ON transfer",), "KB004", 0),
        (_HERE, (), "KB004", 0),
        (_HERE, (_FILLED,), None, 1),
    ],
)
def test_a_transfer_cannot_be_back_dated(
    doomed: World,
    posted_in: str,
    guards: tuple[str, ...],
    refused_as: str | None,
    back_dated: int,
) -> None:
    forged = TRANSFER.format(n=2).replace("posted_in)", "posted_in, posted_at)")
    forged = forged.replace("0)", f"{posted_in}, '2020-01-01')")
    posting = _posting(forged, (_WALLET, -5), (_PAID_OUT, 5))
    assert attempt(doomed.owner, *guards, _WITHOUT_PURPOSE) is None
    assert attempt(doomed.owner, posting) == refused_as
    with doomed.owner.connect() as connection:
        old = text("SELECT count(*) FROM transfer WHERE posted_at < '2021-01-01'")
        assert connection.execute(old).scalar_one() == back_dated


def test_a_transfer_is_not_posted_in_time_to_come(stocked: World) -> None:
    forged = TRANSFER.format(n=2).replace("posted_in)", "posted_in, posted_at)")
    posting = _posting(
        forged.replace("0)", f"{_HERE}, '2999-01-01')"), (_WALLET, -5), (_PAID_OUT, 5)
    )
    assert attempt(stocked.owner, posting) == "KB004"


def test_a_wallet_moves_with_its_entries_whoever_writes_them(doomed: World) -> None:
    posting = _posting(FREE.format(n=2), (_CAPITAL, -500), (_WALLET, 500))
    assert attempt(doomed.owner, posting) is None
    assert doomed.wallet(WANJIRU) == kes(105)


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
