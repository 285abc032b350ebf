"""Statements that somebody who can write SQL as the application would try to get money with.

Each is refused by the database, or named by an invariant while it still stands. What nobody would
notice is said in tests/attacks/policy.py and in docs/adr/0037-injected-statements.md.
"""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.ledger.groups import INVARIANTS
from core.ledger.reference import reference_of
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Outcome, Side
from core.money import kes
from tests.attacks.injected import (
    CLOSED,
    DECIDED,
    NEWEST,
    NOTHING,
    NOTICED,
    OPEN,
    OTIENO,
    PLAN_OF_AN_OPEN_MARKET,
    REFUSED,
    THE_FIRST,
    WANJIRU,
    bet,
    post,
    stake,
)
from tests.attacks.injected_cancels import CANCELS_REFUSED, bet_in, cancel, take_back
from tests.core.markets.bookmaker import Bookmaker
from tests.core.withdrawals.teller import Teller
from tests.world import World

_ALL = REFUSED | CANCELS_REFUSED


@pytest.fixture
def stocked(world: World) -> World:
    """An open market with bets, a closed one, one whose settlement waits, and money held."""
    bookmaker = Bookmaker(world)
    world.has_player(OTIENO, balance=kes(1000))
    Teller.of_a_new_player(world, phone=WANJIRU, balance=kes(2000)).asks()
    for _ in (OPEN, CLOSED, DECIDED):
        bookmaker.bets(WANJIRU, world.has_market(), Side.YES, 100)
    for number in (CLOSED, DECIDED):
        bookmaker.bets(OTIENO, number, Side.NO, 50)
        bookmaker.closes(number)
    bookmaker.proposes(DECIDED, Outcome.YES)
    bookmaker.resolves(DECIDED)
    return world


def attempt(engine: Engine, *statements: str) -> str | None:
    """The state PostgreSQL refuses them with, at the COMMIT at the latest; nothing is left."""
    with engine.connect() as connection:
        try:
            for statement in (*statements, "SET CONSTRAINTS ALL IMMEDIATE"):
                connection.exec_driver_sql(statement)
        except DBAPIError as error:
            return sql_state(error)
        finally:
            connection.rollback()
    return None


def test_the_database_refuses(stocked: World) -> None:
    tried = {name: attempt(stocked.database, *words) for name, (words, _) in _ALL.items()}

    assert tried == {name: state for name, (_, state) in _ALL.items()}


def test_an_honest_bet_stands(stocked: World) -> None:
    assert attempt(stocked.database, stake(OPEN), bet()) is None


def test_an_honest_cancelling_stands(stocked: World) -> None:
    assert attempt(stocked.database, take_back(), cancel()) is None


def test_a_bet_is_not_cancelled_late(stocked: World) -> None:
    stocked.moves(minutes=5)
    assert attempt(stocked.database, take_back(), cancel()) == NOTHING


def test_a_bet_is_not_cancelled_once_its_market_s_time_has_come(stocked: World) -> None:
    soon = stocked.has_market("Will it be soon?", closes_in=timedelta(minutes=2))
    Bookmaker(stocked).bets(WANJIRU, soon, Side.YES, 100)
    stocked.moves(minutes=2)
    assert attempt(stocked.database, take_back(soon), cancel(bet_in(soon))) == NOTHING


def test_a_snapshot_from_before_the_close_does_not_open_a_market(stocked: World) -> None:
    with stocked.database.connect() as thief:
        thief.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        thief.exec_driver_sql("SELECT FROM bet")
        Bookmaker(stocked).closes(OPEN)
        thief.exec_driver_sql(take_back())
        with pytest.raises(DBAPIError) as refused:
            thief.exec_driver_sql(cancel())
    assert sql_state(refused.value) == "40001"


def test_a_snapshot_from_before_it_was_cancelled_does_not_place_a_bet_again(
    stocked: World,
) -> None:
    with stocked.database.connect() as thief:
        thief.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        number = thief.exec_driver_sql(f"SELECT transfer_id FROM bet WHERE market_id = {OPEN}")
        transfer_id = number.scalar_one()
        Bookmaker(stocked).cancels(WANJIRU, reference_of(transfer_id))
        with pytest.raises(DBAPIError) as refused:
            thief.exec_driver_sql(bet(cents=10_000).replace(NEWEST, str(transfer_id)))
    assert sql_state(refused.value) == NOTHING


def test_an_invariant_notices(stocked: World) -> None:
    silent = {}
    for name, (invariant, statements) in NOTICED.items():
        with stocked.database.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
            if not connection.execute(text(INVARIANTS[invariant])).scalars().all():
                silent[name] = invariant
            connection.rollback()

    assert silent == {}


def test_no_plan_of_an_open_market_is_paid(stocked: World) -> None:
    with stocked.database.connect() as connection:
        for statement in PLAN_OF_AN_OPEN_MARKET:
            connection.exec_driver_sql(statement)
        paid = connection.exec_driver_sql(f"SELECT lines FROM settle_next_lines({OPEN}, 10)")
        assert paid.scalar_one() == 0
        connection.rollback()


# What a settlement pays has its invariants, and capital its owner.
_WITHOUT_A_REASON = {"payout", "refund", "fee", "payout_reversal", "fee_reversal", "capital"}


def test_money_moves_only_for_something(stocked: World) -> None:
    with stocked.database.begin() as connection:
        kinds = dict(_movements(connection))
    tried = {kind: attempt(stocked.database, statement) for kind, statement in kinds.items()}

    assert tried == {kind: NOTHING for kind in kinds if kind not in _WITHOUT_A_REASON}


def _movements(connection: Connection) -> Iterator[tuple[str, str]]:
    """A kind, and a statement that moves money in a way that is allowed for it."""
    for kind in ("player_clawback", "player_held"):
        connection.exec_driver_sql(f"SELECT open_account('{kind}', {THE_FIRST}, NULL, NULL)")
    rules = connection.exec_driver_sql("SELECT kind, account_kind, direction FROM movement_rules()")
    ways: dict[str, dict[int, str]] = {}
    for row in rules:
        # The wallet that has money goes before the one that has not.
        first = ways.setdefault(row.kind, {})
        if row.account_kind != "player_clawback" or row.direction not in first:
            first[row.direction] = row.account_kind
    for kind, way in ways.items():
        if kind not in _WITHOUT_A_REASON:
            yield kind, post(kind, _account(way[-1]), _account(way[1]))


def _account(kind: str) -> str:
    owner = f"owner = {THE_FIRST}" if kind.startswith("player") else "true"
    return f"(SELECT min(id) FROM account WHERE kind = '{kind}' AND {owner})"


def test_a_lock_that_is_held_for_ever_costs_time_and_no_money(stocked: World) -> None:
    player_id = stocked.player(WANJIRU).id
    before = stocked.wallet(WANJIRU)
    with stocked.database.connect() as thief, stocked.database.connect() as connection:
        thief.execute(text("SELECT pg_advisory_lock(1, :market)"), {"market": OPEN})
        connection.exec_driver_sql("SET LOCAL lock_timeout = 50")
        with pytest.raises(DBAPIError) as refused:
            place_bet(
                connection,
                player_id=player_id,
                market_id=OPEN,
                side=Side.YES,
                stake=kes(20),
                key=Key("attack", "call:1"),
                settings=stocked.settings,
            )
        thief.execute(text("SELECT pg_advisory_unlock_all()"))

    assert sql_state(refused.value) == "55P03"
    assert stocked.wallet(WANJIRU) == before
    Bookmaker(stocked).bets(WANJIRU, OPEN, Side.YES, 20)
