"""Short ways to bet and to settle; every one goes through the use cases."""

import pytest

from core.markets.rules import Outcome, Side
from core.money import kes
from core.text import Language
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.disputed import AKINYI, OTIENO, WANJIRU, WINDOW
from tests.world import World


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)


@pytest.fixture
def proposed(world: World, bookmaker: Bookmaker) -> int:
    """Wanjiru has bet NO, Otieno YES, and YES is proposed; Akinyi has no bet."""
    for phone, language in ((WANJIRU, Language.ENGLISH), (OTIENO, Language.SWAHILI)):
        world.has_player(phone, balance=kes(500), language=language)
    world.has_player(AKINYI)
    market_id = world.has_market(label="Gor Mahia wins")
    for phone, side in ((WANJIRU, Side.NO), (OTIENO, Side.YES)):
        bookmaker.bets(phone, market_id, side, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES, window=WINDOW)
    return market_id
