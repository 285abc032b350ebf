"""A market that pauses takes no bets, and nothing else about it stops."""

from datetime import timedelta

import pytest

from core.database import in_transaction
from core.ledger.transfer import Key
from core.markets.jobs import jobs
from core.markets.list_markets import list_open_markets
from core.markets.rules import MarketClosed, MarketPaused, MarketStatus, Outcome, Side, WrongState
from core.money import kes
from core.outbox.deliver import Worker
from core.staff.records import NotAllowed, Role
from core.staff_input import InvalidFreeText
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import resumes, suspends, works
from tests.world import World

WANJIRU = "+254700000001"


def test_a_paused_market_takes_no_bets_until_it_is_resumed(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market()
    first = bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=Key("test-bet", "first"))

    assert suspends(world, market_id).suspended_why == "A rumour"
    with pytest.raises(MarketPaused):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    assert in_transaction(world.database, list_open_markets) == []
    # The hop that placed it may come again.
    again = bookmaker.bets(WANJIRU, market_id, Side.YES, 100, key=Key("test-bet", "first"))
    assert (again.id, world.wallet(WANJIRU)) == (first.id, kes(400))

    assert resumes(world, market_id).suspended_why is None
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    assert world.wallet(WANJIRU) == kes(300)


def test_a_paused_market_closes_on_time_and_can_be_resolved(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(500))
    market_id = world.has_market(closes_in=timedelta(hours=1))
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    suspends(world, market_id)
    world.moves(hours=1)
    with pytest.raises(WrongState):
        resumes(world, market_id)
    with pytest.raises(MarketClosed):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    works(Worker(world.database, jobs(database=world.database)))
    assert bookmaker.market(market_id).status is MarketStatus.CLOSED
    bookmaker.proposes(market_id, Outcome.YES)
    bookmaker.resolves(market_id)
    bookmaker.pays(market_id)
    assert world.wallet(WANJIRU) == kes(500)


def test_a_void_goes_from_a_paused_market(world: World, bookmaker: Bookmaker) -> None:
    market_id = world.has_market()
    suspends(world, market_id)
    assert bookmaker.proposes(market_id, Outcome.VOID).status is MarketStatus.PROPOSED


def test_only_what_is_open_pauses_and_only_what_is_paused_goes_on(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market(closes_in=timedelta(hours=1))
    with pytest.raises(WrongState):
        resumes(world, market_id)
    suspends(world, market_id)
    with pytest.raises(WrongState):
        suspends(world, market_id)
    resumes(world, market_id)
    world.moves(hours=1)
    with pytest.raises(WrongState):
        suspends(world, market_id)
    assert bookmaker.market(market_id).status is MarketStatus.OPEN


def test_who_may_pause_a_market_and_not_without_a_reason(
    world: World, bookmaker: Bookmaker
) -> None:
    market_id = world.has_market()
    finance = world.has_admin("finance@kibeezy.test", Role.FINANCE)
    for act in (suspends, resumes):
        with pytest.raises(NotAllowed):
            act(world, market_id, by=finance)
        with pytest.raises(InvalidFreeText):
            act(world, market_id, reason=" ")
    assert bookmaker.market(market_id).status is MarketStatus.OPEN


def test_pausing_is_on_the_trail(world: World) -> None:
    market_id = world.has_market()
    suspends(world, market_id)
    resumes(world, market_id)
    with world.database.connect() as connection:
        rows = connection.exec_driver_sql(
            "SELECT actor, act, details ->> 'why' FROM audit_event"
            f" WHERE subject = 'market:{market_id}' ORDER BY id DESC LIMIT 2"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("asha@kibeezy.test", "market.resumed", "It was false"),
        ("asha@kibeezy.test", "market.suspended", "A rumour"),
    ]
