"""Ledgers with something in them: one to be held sound, one to be robbed."""

import pytest
from sqlalchemy import Engine

from core.money import kes
from core.settings import Settings
from tests.world import World

WANJIRU = "+254700000001"


@pytest.fixture
def stocked(world: World) -> World:
    world.has_player(WANJIRU, balance=kes(100))
    return world


@pytest.fixture
def doomed(database: Engine, owner: Engine, settings: Settings) -> World:
    """The same stock in a world that nobody checks afterwards: it is about to be robbed."""
    world = World(database=database, owner=owner, settings=settings)
    world.has_player(WANJIRU, balance=kes(100))
    return world
