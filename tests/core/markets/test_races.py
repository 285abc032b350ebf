"""Threads at a barrier: whatever comes first, the money is right."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import TypeVar

import pytest
from sqlalchemy import func, select, text

from core.config.rules import Dated
from core.database import in_transaction
from core.errors import Refused
from core.ledger.book import InsufficientFunds
from core.ledger.transfer import Key
from core.markets.market import lock_market
from core.markets.place_bet import Bet
from core.markets.records import bet, market
from core.markets.rules import (
    MarketClosed,
    MarketStatus,
    Outcome,
    Side,
    StakeOutOfRange,
    WrongState,
)
from core.markets.settle_market import settle_chunk
from core.money import kes
from core.notices.records import sms_out
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
Result = TypeVar("Result")


def at_once(*acts: Callable[[], Result]) -> Sequence[Result | Refused]:
    """Do all of them at the same moment; a refusal is an answer."""
    barrier = Barrier(len(acts))

    def act_at_barrier(act: Callable[[], Result]) -> Result | Refused:
        barrier.wait(timeout=10)
        try:
            return act()
        except Refused as refusal:
            return refusal

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(act_at_barrier, acts))


def bets_in(world: World, market_id: int) -> int:
    query = select(func.count()).select_from(bet).where(bet.c.market_id == market_id)
    with world.database.connect() as connection:
        return int(connection.execute(query).scalar_one())


def test_one_key_ten_times_at_once_is_one_bet(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    key = Key("hop", "session:7")

    def place() -> Bet:
        return bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=key)

    results = at_once(*[place] * 10)
    assert len(set(results)) == 1
    assert isinstance(results[0], Bet)
    assert (bets_in(world, market_id), world.wallet(WANJIRU)) == (1, kes(400))


def test_a_wallet_is_never_overspent(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(250))
    market_id = world.has_market()
    results = at_once(*[lambda: bookmaker.bets(WANJIRU, market_id, Side.YES, 100)] * 8)
    assert sum(isinstance(result, Bet) for result in results) == 2
    assert sum(isinstance(result, InsufficientFunds) for result in results) == 6
    assert world.wallet(WANJIRU) == kes(50)


@pytest.mark.parametrize("attempt", range(3))
def test_no_bet_slips_in_after_the_close(world: World, bookmaker: Bookmaker, attempt: int) -> None:
    market_id = world.has_market(f"Will round {attempt} be close?")
    phones = [f"+25470000010{n}" for n in range(6)]
    for phone in phones:
        world.has_player(phone, balance=kes(100))
    acts: list[Callable[[], object]] = [
        lambda phone=phone: bookmaker.bets(phone, market_id, Side.YES, 100)  # type: ignore[misc]
        for phone in phones
    ]
    acts.insert(3, lambda: bookmaker.closes(market_id))
    results = at_once(*acts)
    placed = [result for result in results if isinstance(result, Bet)]
    assert all(isinstance(r, Bet | MarketClosed) for i, r in enumerate(results) if i != 3)
    with world.database.connect() as connection:
        closed_at = connection.execute(
            select(market.c.closed_at).where(market.c.id == market_id)
        ).scalar_one()
    assert all(result.placed_at < closed_at for result in placed)
    assert bets_in(world, market_id) == len(placed)


def test_a_bet_that_waited_is_held_to_what_was_approved_meanwhile(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    with world.database.connect() as closer, ThreadPoolExecutor(1) as pool:
        lock_market(closer, market_id=market_id)
        betting = pool.submit(bookmaker.bets, WANJIRU, market_id, Side.YES, 100)
        await_a_waiting_lock(world)
        world.agrees_on(Dated.STAKE_MIN_KES, 150, counts_in=timedelta(minutes=2))
        world.moves(minutes=3)
        closer.rollback()
        with pytest.raises(StakeOutOfRange):
            betting.result()


def test_the_closer_waits_for_a_bet_and_the_next_bet_for_the_closer(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    with world.database.connect() as slow_bet:
        slow_bet.execute(
            text("SELECT FROM bet_situation(:m, :p, 'yes', 'test', 'slow')"),
            {"m": market_id, "p": world.player(WANJIRU).id},
        )
        with ThreadPoolExecutor(1) as pool:
            closing = pool.submit(bookmaker.closes, market_id)
            await_a_waiting_lock(world)
            assert bookmaker.market(market_id).status is MarketStatus.OPEN
            slow_bet.rollback()
            assert closing.result(timeout=10).status is MarketStatus.CLOSED
    with pytest.raises(MarketClosed):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)


def test_a_bet_that_waits_past_the_close_counts_from_when_it_was_judged(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(closes_in=timedelta(hours=1))
    with world.owner.connect() as repair, ThreadPoolExecutor(1) as pool:
        repair.execute(text("LOCK TABLE transfer IN SHARE MODE"))
        betting = pool.submit(bookmaker.bets, WANJIRU, market_id, Side.YES, 100)
        await_a_waiting_lock(world)
        world.moves(hours=1)
        repair.rollback()
        placed = betting.result(timeout=10)
    assert placed.placed_at < bookmaker.market(market_id).closes_at


def await_a_waiting_lock(world: World, *, waiters: int = 1) -> None:
    waiting = f"SELECT count(*) >= {waiters} FROM pg_locks WHERE NOT granted"
    give_up_at = time.monotonic() + 10
    with world.database.connect() as connection:
        while not connection.execute(text(waiting)).scalar_one():
            assert time.monotonic() < give_up_at, "nobody waits for the lock"
            connection.rollback()


def test_a_bet_and_a_void_at_once(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    results = at_once(
        lambda: bookmaker.bets(WANJIRU, market_id, Side.YES, 100),
        lambda: bookmaker.proposes(market_id, Outcome.VOID),
        lambda: bookmaker.bets(WANJIRU, market_id, Side.NO, 100),
    )
    assert not isinstance(results[1], Refused)
    bookmaker.resolves(market_id)
    bookmaker.pays(market_id)
    assert world.wallet(WANJIRU) == kes(500)


def test_resolved_twice_at_once_is_resolved_once(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    third = world.has_admin("chebet@kibeezy.test")
    results = at_once(
        lambda: bookmaker.resolves(market_id),
        lambda: bookmaker.resolves(market_id, by=third),
    )
    assert sum(isinstance(result, WrongState) for result in results) == 1
    bookmaker.pays(market_id)
    assert world.wallet(WANJIRU) == kes(500)


def test_settled_by_two_processes_at_once_pays_and_tells_once(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    phones = [f"+25470000010{n}" for n in range(8)]
    for n, phone in enumerate(phones):
        world.has_player(phone, balance=kes(100))
        bookmaker.bets(phone, market_id, Side.YES if n % 2 else Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    bookmaker.resolves(market_id)
    chunks = at_once(*[lambda: _pay_one_by_one(world, market_id)] * 3)
    assert sum(chunk for chunk in chunks if isinstance(chunk, int)) == len(phones)
    at_once(*[lambda: bookmaker.pays(market_id)] * 3)
    assert [world.wallet(phone) for phone in phones] == [kes(0), kes(180)] * 4
    query = select(sms_out.c.phone).where(sms_out.c.kind == "bets_settled")
    with world.database.connect() as connection:
        assert sorted(connection.execute(query).scalars()) == phones
    assert bookmaker.market(market_id).status is MarketStatus.SETTLED


def _pay_one_by_one(world: World, market_id: int) -> int:
    paid = 0
    while lines := in_transaction(
        world.database, lambda c: settle_chunk(c, market_id=market_id, limit=1)
    ):
        paid += lines
    return paid
