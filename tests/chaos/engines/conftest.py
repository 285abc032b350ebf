"""Engines that only these tests use, for they are halted and killed here."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from alembic import command
from alembic.config import Config
from flask import Flask

from app import Wiring
from laptop.engines import Engines, create_database
from laptop.household import open_household
from tests.chaos.engines.edge import Edge
from tests.chaos.engines.log import Log
from tests.chaos.engines.machine import Machine
from tests.conftest import TEMPLATE
from tests.phone import Phone
from tests.world import World


@pytest.fixture(scope="package")
def own_machine() -> Iterator[Machine]:
    # Not below pytest's directory: each new run closes that to the login PostgreSQL runs as.
    with (
        TemporaryDirectory(prefix="kibeezy-", ignore_cleanup_errors=True) as home,
        open_household(home=Path(home).resolve()) as household,
    ):
        yield Machine(household)


@pytest.fixture(scope="package")
def engines(own_machine: Machine) -> Engines:
    """In the place of the engines that all other tests share."""
    engines = own_machine.starts()
    create_database(engines=engines, name=TEMPLATE)
    app_url, owner_url = engines.urls_of(database=TEMPLATE)
    config = Config("alembic.ini")
    config.attributes["urls"] = (owner_url, app_url)
    command.upgrade(config, "head")
    return engines


@pytest.fixture
def machine(engines: Engines, own_machine: Machine) -> Iterator[Machine]:
    assert engines.redis_url
    yield own_machine
    own_machine.is_whole_again()


@pytest.fixture
def log(app: Flask, capsys: pytest.CaptureFixture[str]) -> Iterator[Log]:
    """What the service logs; whatever has failed, no line of it may hold what was typed."""
    assert app.name
    log = Log(capsys)
    yield log
    log.holds_no_pin()


@pytest.fixture
def edge(
    app: Flask, world: World, machine: Machine, phone_of: Callable[[str], Phone], log: Log
) -> Edge:
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    return Edge(world, machine, wiring.database, phone_of, log)
