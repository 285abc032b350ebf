"""A teller."""

from itertools import count

import pytest

from tests.core.withdrawals.teller import Teller
from tests.world import World

_phones = count(254_700_000_300)


@pytest.fixture
def teller(world: World) -> Teller:
    return Teller.of_a_new_player(world, phone=f"+{next(_phones)}")
