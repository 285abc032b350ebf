"""Cancelling at a barrier with whatever else may happen: the stake is there once, or it is back."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.errors import Refused
from core.ledger.book import InsufficientFunds
from core.markets.cancel_bet import (
    CANCELLED_A_DAY,
    CancelledBet,
    CancelledTooOften,
    NotCancellableNow,
    TooLateToCancel,
    cancel_bet,
)
from core.markets.close_market import close_market
from core.markets.market import Market
from core.markets.place_bet import Bet
from core.markets.rules import MarketStatus, Outcome, Side
from core.markets.suspend_market import suspend_market
from core.money import kes
from tests.core.ledger.test_attacks import attempt as attempt_sql
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.test_races import at_once, await_a_waiting_lock
from tests.core.withdrawals.teller import Teller
from tests.sms.writer import Writer
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
ROUNDS = range(3)


@pytest.fixture
def market(world: World) -> int:
    world.has_player(WANJIRU, balance=kes(500))
    return world.has_market(closes_in=timedelta(days=3))


def test_cancelled_ten_times_at_once_is_cancelled_once(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    results = at_once(*[lambda: bookmaker.cancels(WANJIRU, placed.reference)] * 10)
    assert len(set(results)) == 1
    assert isinstance(results[0], CancelledBet)
    assert (world.wallet(WANJIRU), world.count("cancelled_bet")) == (kes(500), 1)


# The last moment before the key and the transfer that is reversed are found to be taken.
MEETING = """
    CREATE FUNCTION meet(kind text) RETURNS integer LANGUAGE plpgsql IMMUTABLE AS
        'BEGIN PERFORM pg_advisory_xact_lock_shared(77); RETURN 0; END';
    CREATE INDEX transfer_meets ON transfer (meet(kind));
    ALTER TABLE transfer DROP CONSTRAINT transfer_idempotency,
        ADD CONSTRAINT transfer_idempotency UNIQUE (scope, key);
    DROP INDEX transfer_reversed_once;
    CREATE UNIQUE INDEX transfer_reversed_once ON transfer (reverses) WHERE reverses IS NOT NULL;
"""


def test_two_that_meet_behind_every_look_are_one(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    with world.owner.begin() as connection:
        connection.execute(text(MEETING))
    with ThreadPoolExecutor(2) as pool:
        with world.owner.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(77)"))
            acts = [pool.submit(bookmaker.cancels, WANJIRU, placed.reference) for _ in range(2)]
            await_a_waiting_lock(world, waiters=2)
        first, second = (act.result() for act in acts)
    assert first == second
    assert {first.is_new, second.is_new} == {True, False}
    assert (world.wallet(WANJIRU), world.count("cancelled_bet")) == (kes(500), 1)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_cancelled_or_closed_first(
    world: World, bookmaker: Bookmaker, market: int, attempt: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    acts: list[Callable[[], object]] = [
        lambda: bookmaker.cancels(WANJIRU, placed.reference),
        lambda: bookmaker.closes(market),
    ]
    cancelled = at_once(*acts[:: 1 if attempt % 2 else -1])[0 if attempt % 2 else 1]
    assert isinstance(cancelled, CancelledBet | NotCancellableNow)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    bookmaker.pays(market)
    assert world.wallet(WANJIRU) == kes(500)


@pytest.mark.parametrize("attempt", ROUNDS)
def test_cancelled_or_suspended_first(
    world: World, bookmaker: Bookmaker, market: int, attempt: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100 + attempt)

    def suspend() -> Market:
        return in_transaction(
            world.database,
            lambda c: suspend_market(c, market_id=market, reason="A rumour", by=bookmaker.asha),
        )

    cancelled, suspended = at_once(lambda: bookmaker.cancels(WANJIRU, placed.reference), suspend)
    assert isinstance(suspended, Market)
    staked = kes(0) if isinstance(cancelled, CancelledBet) else placed.stake
    assert world.pool(market, "yes") == staked


@pytest.mark.parametrize("attempt", ROUNDS)
def test_cancelled_while_a_void_is_proposed_and_paid(
    world: World, bookmaker: Bookmaker, market: int, attempt: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100 + attempt)

    def void() -> Market:
        bookmaker.proposes(market, Outcome.VOID)
        bookmaker.resolves(market)
        bookmaker.pays(market)
        return bookmaker.market(market)

    _, voided = at_once(lambda: bookmaker.cancels(WANJIRU, placed.reference), void)
    assert isinstance(voided, Market)
    assert voided.status is MarketStatus.VOIDED
    assert world.wallet(WANJIRU) == kes(500)


@contextmanager
def held_wallet(world: World) -> Iterator[None]:
    """Somebody else is busy with the player's money."""
    query = (
        "SELECT FROM balance WHERE account_id = (SELECT id FROM account"
        f" WHERE kind = 'player_available' AND owner = {world.player(WANJIRU).id}) FOR UPDATE"
    )
    with world.owner.begin() as busy:
        busy.exec_driver_sql(query)
        yield


@pytest.mark.parametrize(
    ("closes_in", "refusal"),
    [(timedelta(days=3), TooLateToCancel), (timedelta(minutes=2), NotCancellableNow)],
)
def test_a_wait_for_the_wallet_does_not_lengthen_the_minutes(
    world: World, bookmaker: Bookmaker, closes_in: timedelta, refusal: type[Refused]
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market = world.has_market(closes_in=closes_in)
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    with ThreadPoolExecutor(1) as pool:
        with held_wallet(world):
            cancelling = pool.submit(bookmaker.cancels, WANJIRU, placed.reference)
            await_a_waiting_lock(world)
            world.moves(minutes=6)
        with pytest.raises(refusal):
            cancelling.result()
    assert world.wallet(WANJIRU) == kes(400)


def test_a_wait_past_midnight_does_not_double_the_day_s_limit_by_sms(world: World) -> None:
    world.has_player(WANJIRU, balance=kes(5000))
    writer = Writer(world)
    world.comes_to(23, 59)
    with ThreadPoolExecutor(2) as pool:
        with held_wallet(world):
            betting = [pool.submit(writer.bets, 1000, side) for side in Side]
            await_a_waiting_lock(world, waiters=2)
            world.moves(minutes=2)
        told = sorted(each.result().kind for each in betting)
    assert told == ["answer", "bet_placed"]
    assert world.wallet(WANJIRU) == kes(4000)


def test_who_waited_for_the_closer_is_told_that_it_is_closed(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    with world.database.connect() as closer, ThreadPoolExecutor(1) as pool:
        close_market(closer, market_id=market, by=bookmaker.asha)
        cancelling = pool.submit(bookmaker.cancels, WANJIRU, placed.reference)
        await_a_waiting_lock(world)
        closer.commit()
        with pytest.raises(NotCancellableNow):
            cancelling.result()
    assert world.pool(market, "yes") == kes(100)


@pytest.mark.parametrize(
    "closing", ["SELECT lock_market({0})", "UPDATE market SET status = 'closed' WHERE id = {0}"]
)
def test_a_closer_waits_for_who_cancels(
    world: World, bookmaker: Bookmaker, market: int, closing: str
) -> None:
    """Also one who takes no lock of ours: an injected statement."""
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    player = world.player(WANJIRU)
    with world.database.connect() as slow:
        cancel_bet(slow, player=player, reference=placed.reference)
        patience = "SET LOCAL lock_timeout = 50"
        assert attempt_sql(world.database, patience, closing.format(market)) == "55P03"
        slow.commit()


def test_who_dies_before_the_commit_has_cancelled_nothing(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    with world.database.connect() as doomed:
        cancel_bet(doomed, player=world.player(WANJIRU), reference=placed.reference)
        doomed.invalidate()
    assert (world.count("bet"), world.wallet(WANJIRU)) == (1, kes(400))
    world.ledger_is_sound()
    assert bookmaker.cancels(WANJIRU, placed.reference).is_new


def test_cancelled_and_placed_again_at_once(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 300)
    results = at_once(
        lambda: bookmaker.cancels(WANJIRU, placed.reference),
        lambda: bookmaker.bets(WANJIRU, market, Side.NO, 400),
    )
    assert isinstance(results[0], CancelledBet)
    assert isinstance(results[1], Bet | InsufficientFunds)
    left = kes(100) if isinstance(results[1], Bet) else kes(500)
    assert world.wallet(WANJIRU) == left


def test_cancelled_and_withdrawn_at_once(world: World, bookmaker: Bookmaker, market: int) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 300)
    teller = Teller(world, WANJIRU)
    cancelled, withdrawn = at_once(
        lambda: bookmaker.cancels(WANJIRU, placed.reference), lambda: teller.asks(kes(400))
    )
    assert isinstance(cancelled, CancelledBet)
    assert world.wallet(WANJIRU) == (kes(500) if isinstance(withdrawn, Refused) else kes(100))


def test_no_more_than_five_a_day_however_many_at_once(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = [bookmaker.bets(WANJIRU, market, Side.YES, 20) for _ in range(8)]
    results = at_once(*[lambda b=bet: bookmaker.cancels(WANJIRU, b.reference) for bet in placed])
    assert sum(isinstance(result, CancelledBet) for result in results) == CANCELLED_A_DAY
    assert sum(isinstance(result, CancelledTooOften) for result in results) == 3
    assert world.wallet(WANJIRU) == kes(440)
