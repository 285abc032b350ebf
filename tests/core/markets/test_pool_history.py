"""How the pools grew is told as the ledger has it, and what was cancelled counted until then."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text

from core.database import SNAPSHOT
from core.ledger.book import derived_cents, side_account
from core.markets.market import get_pool
from core.markets.pool_history import MOST_BUCKETS, History, read_history
from core.markets.pricing import Pool, implied_probability
from core.markets.rules import NoSuchMarket, Outcome, Side
from core.money import Money, kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.crowd import crowd_bets
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


def history(world: World, market_id: int) -> History:
    with world.database.connect() as connection:
        connection.execute(SNAPSHOT)
        found = read_history(connection, market_id=market_id)
        assert found.pool == get_pool(connection, market_id=market_id)
    return found


@pytest.fixture
def market(world: World) -> int:
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(5000))
    return world.has_market(closes_in=timedelta(hours=3))


def test_the_pools_of_each_bucket_are_those_of_that_moment(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    seen: list[tuple[datetime, Pool]] = []
    for phone, side, stake in (
        (WANJIRU, Side.YES, 100),
        (OTIENO, Side.NO, 300),
        (WANJIRU, Side.YES, 600),
        (OTIENO, Side.YES, 200),
    ):
        placed = bookmaker.bets(phone, market, side, stake)
        with world.database.connect() as connection:
            seen.append((placed.placed_at, get_pool(connection, market_id=market)))
        world.moves(minutes=7)
    told = history(world, market)
    for at, pool in seen:
        [bucket] = [b for b in told.buckets if b.begins_at <= at < b.ends_at]
        assert (bucket.pool, bucket.bets) == (pool, 1)
    assert told.bets == len(seen)
    assert [b.pool.total for b in told.buckets] == sorted(b.pool.total for b in told.buckets)


def test_the_end_is_what_the_ledger_holds(world: World, bookmaker: Bookmaker, market: int) -> None:
    crowd_bets(world, market, size=50)
    bookmaker.bets(WANJIRU, market, Side.NO, 500)
    told = history(world, market)
    with world.database.connect() as connection:
        for side in Side:
            account_id = side_account(connection, market_id=market, side=side)
            assert told.pool.on(side) == derived_cents(connection, account_id=account_id)
    assert told.bets == 51


def test_a_cancelled_bet_is_in_the_pools_until_it_is_cancelled(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.bets(OTIENO, market, Side.NO, 100)
    world.moves(minutes=2)
    bet = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    world.moves(minutes=3)
    bookmaker.cancels(WANJIRU, bet.reference)
    world.moves(minutes=2)
    told = history(world, market)
    assert told.step == timedelta(minutes=1)
    pools = [bucket.pool.yes for bucket in told.buckets]
    assert pools.count(kes(100)) == 3, pools
    assert pools[-1] == kes(0)
    assert (told.bets, told.cancelled) == (1, 1)


def test_buckets_begin_at_round_times_and_leave_nothing_out(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(5000))
    longer = world.has_market("Will it rain in May?", closes_in=timedelta(days=60))
    bookmaker.bets(WANJIRU, longer, Side.YES, 100)
    for days in (0.01, 0.4, 3, 20):
        world.moves(days=days)
        told = history(world, longer)
        assert len(told.buckets) <= MOST_BUCKETS + 1
        assert all(one.ends_at == two.begins_at for one, two in pairwise(told.buckets))
        for bucket in told.buckets[1:]:
            nairobi = bucket.begins_at - datetime(1970, 1, 1, tzinfo=UTC) + timedelta(hours=3)
            assert not nairobi % told.step


def test_a_draft_has_no_history_and_an_open_market_a_minute_at_least(
    world: World, market: int
) -> None:
    told = history(world, market)
    assert (told.bets, told.pool) == (0, Pool(kes(0), kes(0)))
    assert told.buckets[-1].ends_at - told.buckets[0].begins_at == timedelta(minutes=1)
    assert told.buckets[0].probability is None
    with world.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO market (question, label, category, fee_bps, payout_rule, closes_at,"
                " created_by) SELECT 'Draft?', 'Draft', 'other', 1000, 'pro_rata',"
                " kibeezy_now() + interval '1 day', created_by FROM market WHERE id = :id"
            ),
            {"id": market},
        )
    assert history(world, market + 1).buckets == ()
    with pytest.raises(NoSuchMarket):
        history(world, 999)


def test_it_ends_with_the_bets_also_after_the_money_has_gone(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    bookmaker.bets(OTIENO, market, Side.NO, 300)
    other = world.has_market("Will it rain?", closes_in=timedelta(days=9))
    bookmaker.bets(WANJIRU, other, Side.YES, 50)
    world.moves(minutes=30)
    closed_at = bookmaker.closes(market).closed_at
    voided_at = bookmaker.proposes(other, Outcome.VOID).proposed_at
    world.moves(hours=5)
    bookmaker.proposes(market, Outcome.YES)
    for each in (market, other):
        bookmaker.resolves(each)
        bookmaker.pays(each)
    told = history(world, market)
    assert told.buckets[-1].ends_at == closed_at
    assert told.pool == Pool(kes(100), kes(300))
    assert told.buckets[-1].probability == 0.25
    voided = history(world, other)
    assert voided.pool == Pool(kes(50), kes(0))
    assert voided.buckets[-1].ends_at == voided_at


def test_bets_a_minute_are_those_of_the_bucket_over_its_minutes(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    world.moves(minutes=130)
    for _ in range(4):
        bookmaker.bets(WANJIRU, market, Side.YES, 20)
    told = history(world, market)
    assert told.step == timedelta(minutes=2)
    busiest = max(told.buckets, key=lambda bucket: bucket.bets)
    minutes = (busiest.ends_at - busiest.begins_at) / timedelta(minutes=1)
    assert busiest.bets_per_minute == 4 / max(minutes, 1)


def test_the_implied_probability_is_the_part_of_yes() -> None:
    assert implied_probability(Pool(kes(30), kes(10))) == 0.75
    assert implied_probability(Pool(Money(0), kes(10))) == 0
    assert implied_probability(Pool(Money(0), Money(0))) is None


def test_a_market_of_many_bets_is_read_off_its_index(world: World, market: int) -> None:
    crowd_bets(world, market, size=500)
    with world.owner.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("VACUUM ANALYZE bet"))
    with world.database.connect() as connection:
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = connection.execute(
            text(
                "EXPLAIN SELECT sum(stake_cents), count(*) FROM bet WHERE market_id = :m"
                " AND side = 'yes' AND placed_at >= '2026-01-01' AND placed_at < '2026-01-02'"
            ),
            {"m": market},
        ).scalars()
        assert "Index Only Scan using bet_of_market_in_time" in "\n".join(plan)
