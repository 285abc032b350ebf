"""A market that waits for its result."""

import pytest

from core.markets.jobs import jobs
from core.markets.rules import Side
from core.money import kes
from core.outbox.deliver import Worker
from tests.admin.staff_page.resolving.steps import AMINA, OTIENO, WANJIRU
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)


@pytest.fixture
def market(world: World, bookmaker: Bookmaker) -> int:
    """Wanjiru has 100 and Otieno 233 on YES, Amina 70 on NO; it takes no more bets."""
    for phone in (WANJIRU, OTIENO, AMINA):
        world.has_player(phone, balance=kes(1000))
    market_id = world.has_market("Will Gor Mahia win on Sunday?")
    for phone, side, stake in (
        (WANJIRU, Side.YES, 100),
        (OTIENO, Side.YES, 233),
        (AMINA, Side.NO, 70),
    ):
        bookmaker.bets(phone, market_id, side, stake)
    bookmaker.closes(market_id)
    return market_id


@pytest.fixture
def worker(world: World) -> Worker:
    return Worker(world.database, jobs(database=world.database))
