"""Short ways to bet and to settle; every one goes through the use cases."""

import pytest

from tests.core.markets.bookmaker import Bookmaker
from tests.world import World


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)
