"""A day that was played, and is over."""

import pytest

from tests.core.reports.played_day import PlayedDay, play_a_day
from tests.world import World


@pytest.fixture
def day(world: World) -> PlayedDay:
    return play_a_day(world)
