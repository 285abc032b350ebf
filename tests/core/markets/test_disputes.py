"""A result that players dispute waits for a third person; who is right is told."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from core.alarms.list_alarms import all_alarms, open_alarms
from core.alarms.take_alarm import take_alarm
from core.database import in_transaction
from core.markets.disputes import list_disputes
from core.markets.jobs import jobs
from core.markets.records import dispute
from core.markets.rules import (
    BetInMarket,
    InChallengeWindow,
    MarketStatus,
    NoBetInMarket,
    NoSuchMarket,
    NotDisputable,
    NothingDisputed,
    Outcome,
    ResultDisputed,
    Ruling,
    Side,
    WrongState,
)
from core.markets.tell_proposal import ask_to_tell
from core.money import kes
from core.outbox.deliver import Worker
from core.players.account import take_break
from core.players.records import player
from core.players.rules import AccountLocked
from core.staff.records import NotAllowed, Role
from core.staff.rules import SameAdmin
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.disputed import AKINYI, OTIENO, WANJIRU, WINDOW, inbox
from tests.core.markets.life import disputes, rules, suspends, third_admin, works
from tests.world import World


def raised(world: World) -> int:
    with world.database.connect() as connection:
        return connection.execute(select(func.count()).select_from(dispute)).scalar_one()


def test_a_dispute_blocks_the_resolution_until_a_third_admin_has_ruled(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    zawadi = third_admin(world)
    disputes(world, proposed, WANJIRU)
    with pytest.raises(InChallengeWindow):
        bookmaker.resolves(proposed)
    world.moves(hours=1)
    with pytest.raises(ResultDisputed):
        bookmaker.resolves(proposed)

    rules(world, proposed, Ruling.DISMISSED, by=zawadi)

    assert inbox(world, WANJIRU, "dispute_ruled") == [
        f"Market {proposed} Gor Mahia wins: your dispute was looked into. The result YES stays."
    ]
    assert inbox(world, OTIENO, "dispute_ruled") == []
    with pytest.raises(SameAdmin):
        bookmaker.resolves(proposed, by=zawadi)
    bookmaker.resolves(proposed)
    bookmaker.pays(proposed)
    assert bookmaker.market(proposed).status is MarketStatus.SETTLED


@pytest.mark.parametrize("status", [MarketStatus.OPEN, MarketStatus.SUSPENDED])
def test_an_upheld_dispute_of_an_early_void_leaves_the_market_as_it_was(
    world: World, bookmaker: Bookmaker, status: MarketStatus
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(closes_in=timedelta(days=10))
    worker = Worker(world.database, jobs(database=world.database))
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    if status is MarketStatus.SUSPENDED:
        suspends(world, market_id)
    bookmaker.proposes(market_id, Outcome.VOID, window=timedelta(hours=1))
    disputes(world, market_id, WANJIRU)
    back = rules(world, market_id, Ruling.UPHELD, by=third_admin(world))
    assert (back.status, back.resolve_by) == (status, None)
    # The void that was asked for at the proposal waits for the closing, and its own deadline.
    world.moves(hours=200)
    works(worker)
    assert bookmaker.market(market_id).status is status
    world.moves(hours=40)
    works(worker)
    assert bookmaker.market(market_id).status is MarketStatus.CLOSED
    world.moves(hours=169)
    works(worker)
    assert bookmaker.market(market_id).status in (MarketStatus.VOIDING, MarketStatus.VOIDED)


def test_an_upheld_dispute_after_the_closing_time_leaves_the_market_closed(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(closes_in=timedelta(hours=2))
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.proposes(market_id, Outcome.VOID, window=timedelta(hours=1))
    disputes(world, market_id, WANJIRU)
    world.moves(hours=2)
    back = rules(world, market_id, Ruling.UPHELD, by=third_admin(world))
    assert back.status is MarketStatus.CLOSED
    assert back.deadline is not None


def test_an_upheld_dispute_takes_the_market_back_to_closed(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    disputes(world, proposed, WANJIRU)
    disputes(world, proposed, OTIENO)
    back = rules(world, proposed, Ruling.UPHELD, by=third_admin(world))
    assert back.status is MarketStatus.CLOSED
    assert inbox(world, WANJIRU, "dispute_ruled") == [
        f"Market {proposed} Gor Mahia wins: you were right to dispute. The result YES is dropped."
    ]
    assert "NDIYO yameondolewa" in inbox(world, OTIENO, "dispute_ruled")[0]
    with pytest.raises(WrongState):
        bookmaker.resolves(proposed)

    bookmaker.proposes(proposed, Outcome.NO, by=bookmaker.baraka)
    bookmaker.resolves(proposed, by=bookmaker.asha)
    bookmaker.pays(proposed)
    assert bookmaker.market(proposed).outcome is Outcome.NO


def test_neither_the_proposer_nor_a_gambler_nor_another_role_rules(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    gambler = world.has_admin("gambler@kibeezy.test", phone=OTIENO)
    finance = world.has_admin("finance@kibeezy.test", Role.FINANCE)
    disputes(world, proposed, WANJIRU)
    for by, refusal in (
        (bookmaker.asha, SameAdmin),
        (gambler, BetInMarket),
        (finance, NotAllowed),
    ):
        with pytest.raises(refusal):
            rules(world, proposed, Ruling.DISMISSED, by=by)
    rules(world, proposed, Ruling.DISMISSED, by=bookmaker.baraka)


def test_what_is_not_disputed_is_not_ruled_and_no_dispute_twice(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    for phone in (WANJIRU, OTIENO):
        with pytest.raises(NothingDisputed):
            rules(world, proposed, Ruling.UPHELD, by=bookmaker.baraka)
        disputes(world, proposed, phone)
        rules(world, proposed, Ruling.DISMISSED, by=bookmaker.baraka)
    other = world.has_market()
    with pytest.raises(WrongState):
        rules(world, other, Ruling.UPHELD, by=bookmaker.baraka)


def test_only_who_has_a_bet_disputes_and_only_in_the_window(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    with pytest.raises(NoBetInMarket):
        disputes(world, proposed, AKINYI)
    with pytest.raises(NoSuchMarket):
        disputes(world, 999, WANJIRU)
    open_market = world.has_market()
    bookmaker.bets(WANJIRU, open_market, Side.NO, 100)
    with pytest.raises(NotDisputable):
        disputes(world, open_market, WANJIRU)
    disputes(world, proposed, WANJIRU)
    world.moves(hours=1)
    with pytest.raises(NotDisputable):
        disputes(world, proposed, OTIENO)
    # Again is the same, whatever the time.
    disputes(world, proposed, WANJIRU)
    assert raised(world) == 1


def test_without_a_window_nothing_is_disputed_and_nobody_is_asked(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    with pytest.raises(NotDisputable):
        disputes(world, market_id, WANJIRU)
    with world.database.begin() as connection:
        asked = ask_to_tell(connection, market=bookmaker.market(market_id))
    assert asked, "it was not asked for before"


def test_a_locked_player_disputes_nothing_and_a_break_is_no_hindrance(
    world: World, proposed: int
) -> None:
    with world.database.begin() as connection:
        otieno = world.player(OTIENO).id
        lock = player.update().where(player.c.id == otieno)
        connection.execute(lock.values(locked_at=func.kibeezy_now()))
        take_break(connection, player_id=world.player(WANJIRU).id, length=timedelta(days=1))
    with pytest.raises(AccountLocked):
        disputes(world, proposed, OTIENO)
    disputes(world, proposed, WANJIRU)
    assert raised(world) == 1


def test_a_new_proposal_can_be_disputed_again(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    disputes(world, proposed, WANJIRU)
    bookmaker.proposes(proposed, Outcome.VOID, by=bookmaker.baraka, window=WINDOW)
    listed = in_transaction(
        world.database, lambda c: list_disputes(c, market=bookmaker.market(proposed))
    )
    assert [(one.phone, one.stands) for one in listed] == [(WANJIRU, False)]
    disputes(world, proposed, WANJIRU)
    assert raised(world) == 2


def test_staff_who_decide_are_alarmed_once_and_a_resolver_takes_the_alarm(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    third_admin(world)
    world.has_admin("finance@kibeezy.test", Role.FINANCE, phone="+254700000098")
    for phone in (WANJIRU, OTIENO):
        disputes(world, proposed, phone)
    [alarm] = in_transaction(world.database, open_alarms)
    assert (alarm.kind, alarm.times) == ("dispute", 1)
    assert alarm.subject.startswith(f"market:{proposed}:proposed:")
    assert len(inbox(world, "+254700000099", "alarm")) == 1
    assert inbox(world, "+254700000098", "alarm") == []
    in_transaction(world.database, lambda c: take_alarm(c, alarm_id=alarm.id, by=bookmaker.asha))


def test_a_new_proposal_rings_again_and_a_ruling_takes_its_alarm(
    world: World, bookmaker: Bookmaker, proposed: int
) -> None:
    zawadi = third_admin(world)
    disputes(world, proposed, WANJIRU)
    # Replaced without a ruling, so that its alarm is left open.
    bookmaker.proposes(proposed, Outcome.VOID, by=bookmaker.baraka, window=WINDOW)
    disputes(world, proposed, WANJIRU)
    assert len(inbox(world, "+254700000099", "alarm")) == 2
    first, second = in_transaction(world.database, open_alarms)
    rules(world, proposed, Ruling.DISMISSED, by=zawadi)
    assert [one.id for one in in_transaction(world.database, open_alarms)] == [first.id]
    [taken] = [one for one in in_transaction(world.database, all_alarms) if one.id == second.id]
    assert taken.taken_by == zawadi.email
