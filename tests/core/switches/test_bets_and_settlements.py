"""While bets or settlements are stopped nothing moves, and afterwards nothing is lost."""

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.ledger.transfer import Key
from core.markets import jobs as market_jobs
from core.markets.rules import MarketStatus, Outcome, Side
from core.markets.settle_market import settle_chunk
from core.money import kes
from core.outbox.deliver import Worker
from core.staff.records import Admin, Role
from core.switches.rules import Stopped, Switch
from core.switches.start import start
from core.switches.stop import stop
from tests.core.markets.bookmaker import NO_WINDOW, Bookmaker
from tests.phone import Phone
from tests.world import PIN, World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


@pytest.fixture
def finance(world: World) -> Admin:
    return world.has_admin("finance@kibeezy.test", Role.FINANCE)


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(500))
    return Bookmaker(world)


@pytest.fixture
def market_id(world: World, bookmaker: Bookmaker) -> int:
    new = world.has_market(label="Gor Mahia")
    bookmaker.bets(WANJIRU, new, Side.YES, 100)
    bookmaker.bets(OTIENO, new, Side.NO, 100)
    return new


def stops(world: World, kind: Switch) -> None:
    in_transaction(world.database, lambda c: stop(c, kind=kind, why="Books", by="test"))


def starts(world: World, kind: Switch, by: Admin) -> None:
    in_transaction(world.database, lambda c: start(c, kind=kind, why="Mended", by=by))


def test_no_bet_is_placed_while_bets_are_stopped(
    world: World, bookmaker: Bookmaker, market_id: int, finance: Admin
) -> None:
    first = bookmaker.bets(WANJIRU, market_id, Side.YES, 50, key=Key("test", "once"))
    stops(world, Switch.BETS)
    with pytest.raises(Stopped, match="Bets are paused for now"):
        bookmaker.bets(WANJIRU, market_id, Side.YES, 50)
    again = bookmaker.bets(WANJIRU, market_id, Side.YES, 50, key=Key("test", "once"))
    assert again.id == first.id, "a repeat is no new bet"
    assert world.wallet(WANJIRU) == kes(350)
    starts(world, Switch.BETS, finance)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 50)


def test_a_caller_is_told_where_bets_begin_and_at_the_pin(
    world: World, market_id: int, phone: Phone
) -> None:
    assert phone.number == WANJIRU
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("100")
    stops(world, Switch.BETS)
    phone.type(PIN).shows("Bets are paused for now. No money was taken.").shows("1. Bet")
    phone.dial().choose("Bet").shows("Bets are paused for now. No money was taken.")
    assert world.count("bet") == 2
    assert market_id


def test_nothing_is_resolved_while_settlements_are_stopped(
    world: World, bookmaker: Bookmaker, market_id: int, finance: Admin
) -> None:
    bookmaker.closes(market_id)
    stops(world, Switch.SETTLEMENTS)
    for outcome in (Outcome.YES, Outcome.VOID):
        bookmaker.proposes(market_id, outcome)
        with pytest.raises(Stopped, match="Settlements are paused for now"):
            bookmaker.resolves(market_id)
    assert bookmaker.market(market_id).status is MarketStatus.PROPOSED
    starts(world, Switch.SETTLEMENTS, finance)
    bookmaker.resolves(market_id, window=NO_WINDOW)


@pytest.mark.parametrize("outcome", [Outcome.YES, Outcome.VOID])
def test_what_was_resolved_waits_and_is_paid_in_full(
    world: World, bookmaker: Bookmaker, market_id: int, finance: Admin, outcome: Outcome
) -> None:
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, outcome)
    bookmaker.resolves(market_id)
    in_transaction(world.database, lambda c: settle_chunk(c, market_id=market_id, limit=1))
    before = world.wallet(WANJIRU), world.wallet(OTIENO)
    stops(world, Switch.SETTLEMENTS)
    worker = Worker(world.database, market_jobs.jobs(database=world.database))
    for _minute in range(10):
        world.moves(minutes=1)
        worker.run_due()
    with pytest.raises(Stopped):
        bookmaker.pays(market_id)
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == before
    with world.owner.connect() as connection:
        job = text("SELECT failures, set_aside_at FROM outbox WHERE kind = 'settle_market'")
        assert tuple(connection.execute(job).one()) == (0, None), "to wait is no failure"

    starts(world, Switch.SETTLEMENTS, finance)
    world.moves(minutes=1)
    worker.run_due()
    paid = {Outcome.YES: (kes(580), kes(400)), Outcome.VOID: (kes(500), kes(500))}
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == paid[outcome]
