"""A watchman for each test."""

import pytest
from sqlalchemy import make_url

from laptop.engines import Engines
from laptop.postgres import SUPERUSER
from tests.core.watch.watchman import Watchman
from tests.world import World


@pytest.fixture
def watchman(world: World, engines: Engines, urls: tuple[str, str]) -> Watchman:
    name = make_url(urls[0]).database
    assert name is not None
    return Watchman(world, engines.postgres.url(login=SUPERUSER, database=name))
