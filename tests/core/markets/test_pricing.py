"""Pricing against an oracle in fractions, and the database's plan against pricing."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text

from core.markets.pricing import Plan, Pool, Stake, indicative_return, settle
from core.markets.rules import Outcome, PayoutRule, Side
from core.money import Money, kes
from tests.core.markets.oracle import Shares, share_out
from tests.world import World

# Stakes are whole shillings; the largest make a product that no 64 bits hold.
_SHILLINGS = st.integers(20, 20_000) | st.integers(1, 10**9)
_BETS = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(Side), _SHILLINGS), min_size=0, max_size=12
)
_HUGE = [(1, Side.YES, 10**9), (1, Side.YES, 7), (2, Side.YES, 10**8), (3, Side.NO, 10**9)]
_TERMS = {
    "bets": _BETS,
    "outcome": st.sampled_from(Outcome),
    "fee_bps": st.sampled_from([0, 1, 333, 1000, 9999, 10_000]) | st.integers(0, 10_000),
    "rule": st.sampled_from(PayoutRule),
}


def stakes_of(bets: list[tuple[int, Side, int]]) -> list[Stake]:
    return [Stake(i, player, side, kes(n)) for i, (player, side, n) in enumerate(bets, start=1)]


def oracle(stakes: list[Stake], outcome: Outcome, fee_bps: int, rule: PayoutRule) -> Shares:
    plain = [(s.bet_id, s.player_id, s.side.value, s.amount.cents) for s in stakes]
    return share_out(plain, outcome=outcome.value, fee_bps=fee_bps, equal=rule is PayoutRule.EQUAL)


def in_cents(plan: Plan) -> tuple[dict[int, int], int, int]:
    payouts = {bet: money.cents for bet, money in plan.payouts.items()}
    return payouts, plan.fee.cents, plan.remainder.cents


@given(**_TERMS)
def test_every_plan_is_the_oracles(
    bets: list[tuple[int, Side, int]], outcome: Outcome, fee_bps: int, rule: PayoutRule
) -> None:
    stakes = stakes_of(bets)
    plan = settle(stakes, outcome=outcome, fee_bps=fee_bps, payout_rule=rule)
    expected = oracle(stakes, outcome, fee_bps, rule)
    assert in_cents(plan) == (expected.payouts, expected.fee, expected.remainder)


@given(**_TERMS)
def test_no_cent_is_made_or_lost_and_no_pro_rata_winner_loses(
    bets: list[tuple[int, Side, int]], outcome: Outcome, fee_bps: int, rule: PayoutRule
) -> None:
    stakes = stakes_of(bets)
    payouts, fee, remainder = in_cents(
        settle(stakes, outcome=outcome, fee_bps=fee_bps, payout_rule=rule)
    )
    assert sum(payouts.values()) + fee + remainder == sum(s.amount.cents for s in stakes)
    winning = [s for s in stakes if s.side.value == outcome.value]
    assert 0 <= remainder < max(1, len(winning))
    if rule is PayoutRule.PRO_RATA:
        assert all(payouts[s.bet_id] >= s.amount.cents for s in winning)


@given(
    yes=st.integers(0, 10**7),
    no=st.integers(0, 10**7),
    stake=st.integers(20, 20_000),
    fee_bps=st.integers(0, 10_000),
    side=st.sampled_from(Side),
)
def test_what_a_page_promises_is_paid_if_nobody_else_bets(
    yes: int, no: int, stake: int, fee_bps: int, side: Side
) -> None:
    others = [Stake(i, i, s, kes(n)) for i, s, n in ((1, Side.YES, yes), (2, Side.NO, no)) if n]
    mine = Stake(3, 3, side, kes(stake))
    plan = settle(
        [*others, mine], outcome=Outcome(side), fee_bps=fee_bps, payout_rule=PayoutRule.PRO_RATA
    )
    promised = indicative_return(
        Pool(kes(yes), kes(no)),
        side=side,
        stake=kes(stake),
        fee_bps=fee_bps,
        payout_rule=PayoutRule.PRO_RATA,
    )
    assert promised == plan.payouts[3].whole_shillings


def test_an_equal_market_promises_nothing() -> None:
    pool = Pool(kes(100), kes(100))
    promised = indicative_return(
        pool, side=Side.YES, stake=kes(100), fee_bps=1000, payout_rule=PayoutRule.EQUAL
    )
    assert promised is None


def test_the_fee_is_capped_by_what_the_losers_staked() -> None:
    stakes = [Stake(1, 1, Side.YES, kes(1000)), Stake(2, 2, Side.NO, kes(20))]
    plan = settle(stakes, outcome=Outcome.YES, fee_bps=1000, payout_rule=PayoutRule.PRO_RATA)
    assert (plan.payouts[1], plan.fee) == (kes(1000), kes(20))


@pytest.fixture
def planner(world: World) -> Iterator[tuple[Connection, int]]:
    """A market whose bets may be written without money, in a transaction that is rolled back."""
    market_id = world.has_market()
    with world.owner.connect() as connection:
        connection.execute(
            text(
                "INSERT INTO player (phone, full_name, language)"
                " SELECT '+25470000010' || n, 'Player', 'en' FROM generate_series(1, 6) n"
            )
        )
        connection.execute(text("ALTER TABLE bet DROP CONSTRAINT bet_transfer_id_fkey"))
        connection.execute(text("ALTER TABLE bet DISABLE TRIGGER bet_is_staked"))
        connection.execute(text("ALTER TABLE market DISABLE TRIGGER market_terms_frozen"))
        yield connection, market_id
        connection.rollback()


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@example(bets=_HUGE, outcome=Outcome.YES, fee_bps=1000, rule=PayoutRule.PRO_RATA)
@example(bets=_HUGE, outcome=Outcome.YES, fee_bps=1000, rule=PayoutRule.EQUAL)
@given(**_TERMS)
def test_the_database_plans_the_same(
    planner: tuple[Connection, int],
    bets: list[tuple[int, Side, int]],
    outcome: Outcome,
    fee_bps: int,
    rule: PayoutRule,
) -> None:
    connection, market_id = planner
    with connection.begin_nested() as savepoint:
        stakes = _write(connection, market_id, bets, fee_bps, rule)
        plan = settle(stakes, outcome=outcome, fee_bps=fee_bps, payout_rule=rule)
        what = {"market": market_id, "outcome": outcome}
        terms = connection.execute(
            text("SELECT * FROM settlement_terms(:market, :outcome)"), what
        ).one()
        rows = connection.execute(
            text("SELECT bet_id, payout_cents FROM settlement_plan(:market, :outcome)"), what
        )
        planned = {row.bet_id: Money(row.payout_cents) for row in rows}
        savepoint.rollback()
    assert (planned, Money(int(terms.fee))) == (plan.payouts, plan.fee)


def _write(
    connection: Connection,
    market_id: int,
    bets: list[tuple[int, Side, int]],
    fee_bps: int,
    rule: PayoutRule,
) -> list[Stake]:
    connection.execute(
        text("UPDATE market SET fee_bps = :fee, payout_rule = :rule WHERE id = :id"),
        {"fee": fee_bps, "rule": rule, "id": market_id},
    )
    first = connection.execute(text("SELECT min(id) FROM player")).scalar_one() - 1
    stakes = []
    for number, (player, side, shillings) in enumerate(bets, start=1):
        bet_id = connection.execute(
            text(
                "INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)"
                " VALUES (:market, :player, :side, :cents, :number, kibeezy_now()) RETURNING id"
            ),
            {
                "market": market_id,
                "player": first + player,
                "side": side,
                "cents": kes(shillings).cents,
                "number": number,
            },
        ).scalar_one()
        stakes.append(Stake(bet_id, first + player, side, kes(shillings)))
    return stakes
