"""An office, and one player's purse."""

import pytest

from tests.core.deposits.purse import Purse
from tests.core.statements.office import WANJIRU, Office
from tests.world import World


@pytest.fixture
def purse(world: World) -> Purse:
    return Purse.of_a_new_player(world, phone=WANJIRU)


@pytest.fixture
def office(world: World) -> Office:
    return Office(world)
