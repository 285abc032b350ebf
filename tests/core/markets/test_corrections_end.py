"""A correction that nobody resolves has an end, and a wrong one a way back."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from core.markets.correction import FINAL_AFTER
from core.markets.jobs import jobs
from core.markets.keep_result import keep_result
from core.markets.market import GRACE, Market
from core.markets.rules import (
    BetInMarket,
    CorrectionOver,
    MarketStatus,
    Outcome,
    ResultIsFinal,
    WrongState,
)
from core.outbox.deliver import Worker
from core.staff.records import Admin
from core.staff.rules import SameAdmin
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.intruder import GUARDED, says
from tests.core.markets.life import works
from tests.core.markets.test_corrections import settled
from tests.core.markets.test_settlement import AMINA
from tests.world import BARAKA, World

MINUTE = timedelta(minutes=1)
RESOLVED: dict[str, object] = {"outcome": "no", "resolved_by": BARAKA}


def keeps(world: World, market_id: int, *, by: Admin) -> Market:
    with world.database.begin() as connection:
        return keep_result(connection, market_id=market_id, reason="The video was of May", by=by)


def alarms(world: World) -> list[str]:
    with world.database.connect() as connection:
        return list(connection.execute(text("SELECT kind FROM alarm")).scalars())


def test_the_result_in_force_comes_back_where_nobody_resolves_the_correction(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    before = bookmaker.market(market)
    worker = Worker(world.database, jobs(database=world.database))
    bookmaker.corrects(market, Outcome.NO)
    works(worker)
    world.moves(hours=95)
    works(worker)
    assert bookmaker.market(market).status is MarketStatus.PROPOSED
    world.moves(hours=1)
    works(worker)
    after = bookmaker.market(market)
    assert (after.status, after.version, after.outcome, after.resolved_by) == (
        before.status,
        before.version,
        before.outcome,
        before.resolved_by,
    )
    assert alarms(world) == ["correction_ended"]
    world.ledger_is_sound()


def test_a_correction_is_resolved_until_a_day_after_the_result_is_final_and_not_later(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    bookmaker.corrects(market, Outcome.NO)
    resolved = {"status": MarketStatus.SETTLING, **RESOLVED}
    world.moves(seconds=(FINAL_AFTER + GRACE - MINUTE).total_seconds())
    assert says(world, market, resolved) is None
    world.moves(minutes=1)
    assert says(world, market, resolved) == GUARDED
    with pytest.raises(CorrectionOver):
        bookmaker.resolves(market)


def test_a_window_that_ends_late_leaves_a_day_after_it(world: World, bookmaker: Bookmaker) -> None:
    market = settled(world, bookmaker)
    world.moves(hours=71)
    bookmaker.corrects(market, Outcome.NO, window=timedelta(hours=3))
    resolved = {"status": MarketStatus.SETTLING, **RESOLVED}
    world.moves(hours=26, minutes=59)
    assert says(world, market, resolved) is None
    world.moves(minutes=1)
    assert says(world, market, resolved) == GUARDED


def test_no_void_replaces_a_correction_once_the_result_is_final(
    world: World, bookmaker: Bookmaker
) -> None:
    market = settled(world, bookmaker)
    bookmaker.corrects(market, Outcome.NO)
    anew = {"proposed_outcome": "void", "proposed_at": "2099-01-01T00:00+00:00"}
    assert says(world, market, anew) is None
    world.moves(hours=72)
    assert says(world, market, anew) == GUARDED
    with pytest.raises(ResultIsFinal):
        bookmaker.proposes(market, Outcome.VOID)


def test_another_admin_without_a_bet_keeps_the_result_at_any_time(
    world: World, bookmaker: Bookmaker
) -> None:
    gambler = world.has_admin("chebet@kibeezy.test", phone=AMINA)
    market = settled(world, bookmaker)
    before = bookmaker.market(market)
    bookmaker.corrects(market, Outcome.NO, window=timedelta(hours=2))
    with pytest.raises(SameAdmin):
        keeps(world, market, by=bookmaker.asha)
    with pytest.raises(BetInMarket):
        keeps(world, market, by=gambler)
    after = keeps(world, market, by=bookmaker.baraka)
    assert (after.status, after.version, after.outcome) == (
        before.status,
        before.version,
        before.outcome,
    )
    with pytest.raises(WrongState):
        keeps(world, market, by=bookmaker.baraka)
    with world.database.connect() as connection:
        [told] = connection.execute(
            text("SELECT actor, details FROM audit_event WHERE act = 'market.kept'")
        ).all()
    assert told.actor == BARAKA
    assert told.details["before"] == {"status": "proposed", "version": 2}
    assert told.details["after"] == {"status": "settled", "version": 1}
    bookmaker.ends_anew(market, Outcome.VOID)
    world.ledger_is_sound()


def test_a_first_proposal_is_not_kept_from_being_resolved(
    world: World, bookmaker: Bookmaker
) -> None:
    market = world.has_market()
    world.has_player(AMINA)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    with pytest.raises(WrongState):
        keeps(world, market, by=bookmaker.baraka)
    assert says(world, market, {"status": MarketStatus.CLOSED}) == GUARDED


def test_a_market_closed_without_a_deadline_gets_one_and_the_job_that_keeps_it(
    world: World, bookmaker: Bookmaker
) -> None:
    market = world.has_market()
    with world.database.begin() as connection:
        closing = text("UPDATE market SET status = 'closed', closed_at = kibeezy_now()")
        connection.execute(closing)
    assert bookmaker.market(market).resolve_by is not None
    world.moves(hours=168, seconds=1)
    works(Worker(world.database, jobs(database=world.database)))
    assert bookmaker.market(market).voided_by_system
