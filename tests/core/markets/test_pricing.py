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
_PRO_RATA = {name: terms for name, terms in _TERMS.items() if name != "rule"}


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


@given(first=_SHILLINGS, second=_SHILLINGS, **_PRO_RATA)
def test_splitting_a_stake_over_two_bets_never_gains(
    first: int,
    second: int,
    bets: list[tuple[int, Side, int]],
    outcome: Outcome,
    fee_bps: int,
) -> None:
    mine = [(7, Side.YES, first), (7, Side.YES, second)]
    whole = stakes_of([*bets, (7, Side.YES, first + second)])
    split = stakes_of([*bets, *mine])
    once = settle(whole, outcome=outcome, fee_bps=fee_bps, payout_rule=PayoutRule.PRO_RATA)
    twice = settle(split, outcome=outcome, fee_bps=fee_bps, payout_rule=PayoutRule.PRO_RATA)
    n = len(whole)
    assert twice.payouts[n] + twice.payouts[n + 1] <= once.payouts[n]


@given(in_time=st.integers(0, 12), **_TERMS)
def test_late_bets_change_nothing_for_the_others(
    in_time: int,
    bets: list[tuple[int, Side, int]],
    outcome: Outcome,
    fee_bps: int,
    rule: PayoutRule,
) -> None:
    stakes = late_from(in_time, stakes_of(bets))
    plan = settle(stakes, outcome=outcome, fee_bps=fee_bps, payout_rule=rule)
    expected = oracle(stakes[:in_time], outcome, fee_bps, rule)
    back = {stake.bet_id: stake.amount.cents for stake in stakes[in_time:]}
    assert in_cents(plan) == (expected.payouts | back, expected.fee, expected.remainder)


# Rules 3 to 5 of the money, as a table: stakes in shillings by side, what each gets in cents.
@pytest.mark.parametrize(
    ("rule", "yes", "no", "outcome", "paid_yes", "paid_no", "fee", "remainder"),
    [
        ("pro_rata", [100, 200], [100], "yes", [12_000, 24_000], [0], 4_000, 0),
        ("pro_rata", [30, 40], [20], "yes", [3_471, 4_628], [0], 900, 1),
        ("pro_rata", [1000], [20], "yes", [100_000], [0], 2_000, 0),
        ("pro_rata", [20], [1000], "yes", [91_800], [0], 10_200, 0),
        ("pro_rata", [20, 20, 20], [20], "yes", [2_400, 2_400, 2_400], [0], 800, 0),
        ("equal", [300, 20], [80], "yes", [18_000, 18_000], [0], 4_000, 0),
        ("equal", [20, 20, 20], [41], "yes", [3_030, 3_030, 3_030], [0], 1_010, 0),
        ("equal", [20, 20, 21], [41], "yes", [3_060, 3_060, 3_060], [0], 1_020, 0),
        ("equal", [1000, 20], [20], "yes", [51_000, 51_000], [0], 2_000, 0),
        ("pro_rata", [100, 200], [], "yes", [10_000, 20_000], [], 0, 0),
        ("pro_rata", [100, 200], [], "no", [10_000, 20_000], [], 0, 0),
        ("equal", [], [50], "yes", [], [5_000], 0, 0),
        ("pro_rata", [100], [300], "void", [10_000], [30_000], 0, 0),
        ("equal", [100], [300], "void", [10_000], [30_000], 0, 0),
        ("pro_rata", [], [], "yes", [], [], 0, 0),
    ],
)
def test_the_rules_of_the_money_by_example(
    rule: str,
    yes: list[int],
    no: list[int],
    outcome: str,
    paid_yes: list[int],
    paid_no: list[int],
    fee: int,
    remainder: int,
) -> None:
    bets = [(n, Side.YES, stake) for n, stake in enumerate(yes)]
    bets += [(10 + n, Side.NO, stake) for n, stake in enumerate(no)]
    plan = settle(
        stakes_of(bets), outcome=Outcome(outcome), fee_bps=1000, payout_rule=PayoutRule(rule)
    )
    payouts = dict(enumerate([*paid_yes, *paid_no], start=1))
    assert in_cents(plan) == (payouts, fee, remainder)


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


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(in_time=12, bets=_HUGE, outcome=Outcome.YES, fee_bps=1000, rule=PayoutRule.PRO_RATA)
@example(in_time=12, bets=_HUGE, outcome=Outcome.YES, fee_bps=1000, rule=PayoutRule.EQUAL)
@given(in_time=st.integers(0, 12), **_TERMS)
def test_the_database_plans_the_same(
    planner: tuple[Connection, int],
    in_time: int,
    bets: list[tuple[int, Side, int]],
    outcome: Outcome,
    fee_bps: int,
    rule: PayoutRule,
) -> None:
    connection, market_id = planner
    with connection.begin_nested() as savepoint:
        stakes = late_from(in_time, _write(connection, market_id, bets, fee_bps, rule))
        _say_when(connection, market_id, stakes)
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
    assert Money(int(terms.late)) == sum((s.amount for s in stakes if s.late), Money(0))


def late_from(in_time: int, stakes: list[Stake]) -> list[Stake]:
    """The same stakes, so many of them in time."""
    return [stake._replace(late=n >= in_time) for n, stake in enumerate(stakes)]


def _say_when(connection: Connection, market_id: int, stakes: list[Stake]) -> None:
    late = [stake.bet_id for stake in stakes if stake.late]
    connection.execute(
        text(
            "UPDATE bet SET placed_at = '2026-01-02 00:00Z'::timestamptz"
            " - CASE WHEN id = ANY (:late) THEN interval '0' ELSE interval '1 microsecond' END"
            " WHERE market_id = :market"
        ),
        {"late": late, "market": market_id},
    )
    connection.execute(
        text("UPDATE market SET late_from = '2026-01-02 00:00Z' WHERE id = :market"),
        {"market": market_id},
    )


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
