"""A switchboard for each test."""

import pytest
from flask import Flask

from tests.fuzz.switchboard import Switchboard
from tests.world import World


@pytest.fixture
def switchboard(world: World, app: Flask) -> Switchboard:
    return Switchboard(world, app)
