"""A correction can be disputed, too: upheld, the result in force stays as it was."""

from datetime import timedelta

import pytest

from core.markets.jobs import jobs
from core.markets.rules import MarketStatus, Outcome, Ruling, Side
from core.money import kes
from core.outbox.deliver import Worker
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.intruder import GUARDED, says
from tests.core.markets.life import disputes, rules, third_admin, works
from tests.core.markets.test_transitions import UPHELD
from tests.world import BARAKA, World

WANJIRU, OTIENO = "+254700000001", "+254700000002"
HOUR = timedelta(hours=1)


@pytest.fixture
def staked(world: World, bookmaker: Bookmaker) -> int:
    """A market with a bet on each side."""
    for phone in (WANJIRU, OTIENO):
        world.has_player(phone, balance=kes(500))
    market_id = world.has_market()
    bookmaker.bets(WANJIRU, market_id, Side.YES, 100)
    bookmaker.bets(OTIENO, market_id, Side.NO, 100)
    return market_id


def test_an_upheld_dispute_of_a_correction_leaves_the_result_in_force(
    world: World, bookmaker: Bookmaker, staked: int
) -> None:
    bookmaker.ends(staked, Outcome.YES)
    before = bookmaker.market(staked)
    # Who resolved proposes the correction: going back, both are in their old places again.
    bookmaker.corrects(staked, Outcome.NO, by=bookmaker.baraka, window=HOUR)
    disputes(world, staked, WANJIRU)
    back = rules(world, staked, Ruling.UPHELD, by=third_admin(world))
    kept = ("status", "version", "outcome", "proposed_by", "resolved_by", "proposed_outcome")
    assert [getattr(back, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(580), kes(400))

    bookmaker.corrects(staked, Outcome.NO)
    bookmaker.resolves(staked)
    bookmaker.pays(staked)
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(400), kes(580))


def test_a_dismissed_dispute_of_a_correction_lets_it_go_on(
    world: World, bookmaker: Bookmaker, staked: int
) -> None:
    bookmaker.ends(staked, Outcome.YES)
    bookmaker.corrects(staked, Outcome.VOID, window=HOUR)
    disputes(world, staked, WANJIRU)
    rules(world, staked, Ruling.DISMISSED, by=third_admin(world))
    world.moves(hours=1)
    bookmaker.resolves(staked)
    bookmaker.pays(staked)
    assert bookmaker.market(staked).status is MarketStatus.VOIDED
    assert world.wallet(WANJIRU) == kes(500)


def test_the_systems_own_void_comes_back_as_that(
    world: World, bookmaker: Bookmaker, staked: int
) -> None:
    bookmaker.closes(staked)
    worker = Worker(world.database, jobs(database=world.database))
    world.moves(hours=168, seconds=1)
    works(worker)
    assert bookmaker.market(staked).voided_by_system
    bookmaker.corrects(staked, Outcome.YES, window=HOUR)
    disputes(world, staked, OTIENO)
    back = rules(world, staked, Ruling.UPHELD, by=third_admin(world))
    assert (back.status, back.voided_by_system, back.resolved_by) == (
        MarketStatus.VOIDED,
        True,
        None,
    )
    # The system voids no correction, however long it waits: the result in force stays.
    bookmaker.corrects(staked, Outcome.YES)
    world.moves(hours=1_000)
    works(worker)
    assert bookmaker.market(staked).voided_by_system


@pytest.mark.parametrize(
    "change",
    [
        {"outcome": "no"},
        {"resolved_by": "zawadi@kibeezy.test"},
        {"status": MarketStatus.VOIDED},
    ],
)
def test_no_other_result_than_the_one_in_force_comes_back(
    world: World, bookmaker: Bookmaker, staked: int, change: dict[str, object]
) -> None:
    third_admin(world)
    world.has_admin("ruler@kibeezy.test")
    bookmaker.ends(staked, Outcome.YES)
    bookmaker.corrects(staked, Outcome.NO, window=HOUR)
    upheld = UPHELD.format(id=staked).replace(
        "SELECT m.id, m.proposed_at", "SELECT DISTINCT ON (m.id) m.id, m.proposed_at"
    )
    upheld = upheld.replace(BARAKA, "ruler@kibeezy.test")
    back = {
        "status": MarketStatus.SETTLED,
        "version": 1,
        "outcome": "yes",
        "resolved_by": BARAKA,
        "proposed_outcome": "yes",
    }
    assert says(world, staked, back, first=upheld) is None
    assert says(world, staked, back | change, first=upheld) == GUARDED
