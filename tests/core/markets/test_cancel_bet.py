"""A player takes a bet back: the whole stake, in time, from an open market, and no trace counts."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from core.config.rules import Dated
from core.database import in_transaction
from core.errors import Refused
from core.ledger.check_receipt import check_receipt
from core.ledger.transfer import Key, TransferKind
from core.markets.cancel_bet import (
    CANCEL_WITHIN,
    CANCELLED_A_DAY,
    CancelledTooOften,
    NoSuchBet,
    NotCancellableNow,
    TooLateToCancel,
)
from core.markets.close_account import close_account
from core.markets.dispute_result import dispute_result
from core.markets.give_up_bet import give_up_bet
from core.markets.market import get_pool
from core.markets.my_bets import find_bet, my_bets, open_bets
from core.markets.rules import MarketStatus, NoBetInMarket, Outcome, Side
from core.markets.suspend_market import suspend_market
from core.markets.tell_proposal import tell_proposal
from core.money import kes
from core.notices.records import sms_out
from core.players.account import take_break
from core.players.records import Status, player
from core.players.rules import AccountLocked
from core.switches.rules import Stopped, Switch
from core.switches.stop import stop
from core.text import Language
from tests.core.ledger.test_attacks import attempt
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
WINDOW = timedelta(hours=1)


@pytest.fixture
def market(world: World) -> int:
    """An open market, and two players with money."""
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(500))
    return world.has_market(closes_in=timedelta(days=3))


def refuses(act: Callable[[], object], why: type[Refused]) -> str:
    with pytest.raises(why) as refusal:
        act()
    return refusal.value.text.in_(Language.ENGLISH)


def test_the_whole_stake_comes_back_by_a_linked_reversal(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.NO, 120)
    back = bookmaker.cancels(WANJIRU, placed.reference.lower())

    assert (back.reference, back.stake, back.balance) == (placed.reference, kes(120), kes(500))
    assert (world.wallet(WANJIRU), world.pool(market, "no")) == (kes(500), kes(0))
    player_id = world.player(WANJIRU).id
    line = in_transaction(
        world.database, lambda c: check_receipt(c, player_id=player_id, typed=back.receipt)
    )
    assert (line.kind, line.amount) == (TransferKind.STAKE_REVERSAL, kes(120))
    assert (world.count("bet"), world.count("cancelled_bet")) == (0, 1)


def test_a_repeat_returns_the_first_result_even_after_the_close(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    first = bookmaker.cancels(WANJIRU, placed.reference)
    bookmaker.closes(market)
    world.moves(hours=1)
    assert bookmaker.cancels(WANJIRU, placed.reference) == first
    assert world.wallet(WANJIRU) == kes(500)


def test_it_can_be_cancelled_for_the_minutes_that_the_texts_say(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    """The database counts them, and knows nothing of the texts."""
    early = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    late = bookmaker.bets(WANJIRU, market, Side.YES, 50)
    world.moves(seconds=CANCEL_WITHIN.total_seconds() - 10)
    bookmaker.cancels(WANJIRU, early.reference)
    world.moves(seconds=10)
    words = refuses(lambda: bookmaker.cancels(WANJIRU, late.reference), TooLateToCancel)
    assert words.startswith("A bet can be cancelled for 5 minutes only. Yours stands.")
    assert world.wallet(WANJIRU) == kes(450)


def test_not_another_s_bet_nor_one_that_nobody_placed(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    for reference in (placed.reference, "ABCDEF", "no reference", ""):
        refuses(lambda r=reference: bookmaker.cancels(OTIENO, r), NoSuchBet)  # type: ignore[misc]
    assert world.pool(market, "yes") == kes(100)


def test_not_from_a_market_that_takes_no_bets(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    suspended, late = world.has_market(), world.has_market(closes_in=timedelta(minutes=2))
    bets = {number: bookmaker.bets(WANJIRU, number, Side.YES, 50) for number in (market, suspended)}
    bets[late] = bookmaker.bets(WANJIRU, late, Side.YES, 50)
    bookmaker.closes(market)
    in_transaction(
        world.database,
        lambda c: suspend_market(c, market_id=suspended, reason="A rumour", by=bookmaker.asha),
    )
    world.moves(minutes=2)
    for bet in bets.values():
        refuses(lambda b=bet: bookmaker.cancels(WANJIRU, b.reference), NotCancellableNow)  # type: ignore[misc]
    assert world.wallet(WANJIRU) == kes(350)


def test_who_is_locked_out_cancels_nothing_and_who_is_on_a_break_may(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    one, other = (bookmaker.bets(WANJIRU, market, Side.YES, stake) for stake in (50, 60))
    with world.database.begin() as connection:
        take_break(connection, player_id=world.player(WANJIRU).id, length=timedelta(days=1))
    bookmaker.cancels(WANJIRU, one.reference)
    with world.database.begin() as connection:
        connection.execute(player.update().values(locked_at=text("kibeezy_now()")))
    refuses(lambda: bookmaker.cancels(WANJIRU, other.reference), AccountLocked)


def test_nothing_is_cancelled_while_bets_are_stopped(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    with world.database.begin() as connection:
        stop(connection, kind=Switch.BETS, why="Books differ", by="system")
    refuses(lambda: bookmaker.cancels(WANJIRU, placed.reference), Stopped)


def test_five_a_day_in_nairobi_may_be_cancelled(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    def cancels(times: int) -> None:
        for _ in range(times):
            bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, market, Side.YES, 20).reference)

    world.comes_to(23, 58)
    cancels(CANCELLED_A_DAY)
    refuses(lambda: cancels(1), CancelledTooOften)
    assert world.wallet(WANJIRU) == kes(480)
    world.comes_to(0, 1)
    cancels(CANCELLED_A_DAY)
    world.comes_to(3, 1)
    refuses(lambda: cancels(1), CancelledTooOften)


def test_a_cancelled_stake_counts_neither_for_the_day_nor_for_the_price(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    world.always_had(Dated.DAILY_STAKE_MAX_KES, 200)
    bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, market, Side.YES, 150).reference)
    bookmaker.bets(WANJIRU, market, Side.NO, 200)
    with world.database.connect() as connection:
        pool = get_pool(connection, market_id=market)
    assert (pool.yes, pool.no) == (kes(0), kes(200))


def test_it_stands_in_my_bets_and_is_no_open_bet(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    player_id = world.player(WANJIRU).id
    gone = bookmaker.bets(WANJIRU, market, Side.YES, 100)
    stands = bookmaker.bets(WANJIRU, market, Side.YES, 50)
    bookmaker.cancels(WANJIRU, gone.reference)
    bookmaker.bets(OTIENO, market, Side.NO, 50)
    bookmaker.ends(market, Outcome.NO)
    with world.database.connect() as connection:
        assert open_bets(connection, player_id=player_id) == []
        newest, cancelled = my_bets(connection, player_id=player_id, limit=9)
        assert find_bet(connection, player_id=player_id, reference=gone.reference) == cancelled
    assert (newest.reference, newest.cancelled, newest.outcome) == (
        stands.reference,
        False,
        Outcome.NO,
    )
    assert (cancelled.reference, cancelled.cancelled, cancelled.outcome) == (
        gone.reference,
        True,
        None,
    )


def test_a_market_is_settled_as_if_it_had_never_been(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    gone = bookmaker.bets(WANJIRU, market, Side.YES, 300)
    bookmaker.bets(OTIENO, market, Side.YES, 100)
    bookmaker.bets(WANJIRU, market, Side.NO, 100)
    bookmaker.cancels(WANJIRU, gone.reference)
    summary = bookmaker.ends(market, Outcome.YES)
    assert (summary.bets, summary.pool.total) == (2, kes(200))
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(400), kes(580))
    bookmaker.ends_anew(market, Outcome.NO)
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(580), kes(400))
    assert bookmaker.market(market).status is MarketStatus.SETTLED


def test_a_market_whose_only_bet_is_cancelled_ends_empty(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, market, Side.YES, 300).reference)
    assert bookmaker.ends(market, Outcome.YES).bets == 0
    assert world.wallet(WANJIRU) == kes(500)


def test_who_has_cancelled_is_told_nothing_and_disputes_nothing(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, market, Side.YES, 300).reference)
    bookmaker.bets(OTIENO, market, Side.YES, 100)
    bookmaker.closes(market)
    proposed = bookmaker.proposes(market, Outcome.YES, window=WINDOW)
    assert proposed.proposed_at is not None
    with world.database.begin() as connection:
        tell_proposal(connection, market_id=market, proposed_at=proposed.proposed_at, after=0)
        told = select(sms_out.c.phone).where(sms_out.c.kind == "result_proposed")
        assert connection.execute(told).scalars().all() == [OTIENO]
    refuses(
        lambda: in_transaction(
            world.database,
            lambda c: dispute_result(c, market_id=market, player=world.player(WANJIRU)),
        ),
        NoBetInMarket,
    )


def test_an_admin_who_took_a_bet_back_may_decide(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    third = world.has_admin("chebet@kibeezy.test", phone=WANJIRU)
    bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, market, Side.YES, 300).reference)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market, by=third)
    bookmaker.pays(market)


def test_the_next_dial_does_not_say_that_it_was_never_placed(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    placed = bookmaker.bets(WANJIRU, market, Side.YES, 100, key=Key("hop", "call:7"))
    bookmaker.cancels(WANJIRU, placed.reference)
    player_id = world.player(WANJIRU).id
    found = in_transaction(
        world.database,
        lambda c: give_up_bet(c, player_id=player_id, scope="hop", series="call"),
    )
    assert found == placed.transfer_id
    again = bookmaker.bets(WANJIRU, market, Side.YES, 100, key=Key("hop", "call:7"))
    assert again.reference == placed.reference
    assert world.wallet(WANJIRU) == kes(500)


def test_an_account_whose_last_open_bet_was_cancelled_can_be_closed(
    world: World, bookmaker: Bookmaker
) -> None:
    player_id = world.has_player(WANJIRU, balance=kes(100)).id
    world.has_player(OTIENO, balance=kes(100))
    open_for_long, soon_over = world.has_market(closes_in=timedelta(days=9)), world.has_market()
    bookmaker.cancels(WANJIRU, bookmaker.bets(WANJIRU, open_for_long, Side.YES, 100).reference)
    bookmaker.bets(WANJIRU, soon_over, Side.YES, 100)
    bookmaker.bets(OTIENO, soon_over, Side.NO, 100)
    bookmaker.ends(soon_over, Outcome.NO)
    world.moves(hours=73)
    with world.database.begin() as connection:
        close_account(connection, player_id=player_id)
    assert world.player(WANJIRU).status is Status.CLOSED


def test_even_the_owner_deletes_no_bet_that_stands(
    world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.bets(WANJIRU, market, Side.YES, 100)
    assert attempt(world.owner, "DELETE FROM bet") == "KB003"
