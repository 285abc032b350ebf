"""A purse: one player's deposits, through the use cases alone."""

from itertools import count

import pytest

from tests.core.deposits.purse import Purse
from tests.world import World

_phones = count(254_700_000_100)


@pytest.fixture
def purse(world: World) -> Purse:
    return Purse.of_a_new_player(world, phone=f"+{next(_phones)}")
