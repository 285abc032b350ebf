"""The engines of a test run, and a fresh copy of the migrated database for each test."""

from collections.abc import Callable, Iterator
from itertools import count

import hypothesis
import psycopg
import pytest
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import Engine, create_engine

from app import Wiring, create_app
from core.database import driver_url, open_database
from core.settings import Settings
from laptop.engines import Engines, create_database, drop_database, temporary_engines
from tests.phone import Phone, ViaTestClient
from tests.settings import make_settings
from tests.world import World

# Another half of the tests may have the processors: how long one example took says nothing.
hypothesis.settings.register_profile("kibeezy", deadline=None)
hypothesis.settings.load_profile("kibeezy")

TEMPLATE = "kibeezy_template"
_numbers = count()


@pytest.fixture(scope="session")
def engines() -> Iterator[Engines]:
    with temporary_engines() as engines:
        create_database(engines=engines, name=TEMPLATE)
        app_url, owner_url = engines.urls_of(database=TEMPLATE)
        config = Config("alembic.ini")
        config.attributes["urls"] = (owner_url, app_url)
        command.upgrade(config, "head")
        yield engines


@pytest.fixture
def weakened() -> str:
    """SQL that takes a guard away before the test begins: `make mutate` gives it."""
    return ""


@pytest.fixture
def urls(engines: Engines, weakened: str) -> Iterator[tuple[str, str]]:
    """The application's and the owner's login on a database of this test's own."""
    name = f"kibeezy_test_{next(_numbers)}"
    create_database(engines=engines, name=name, template=TEMPLATE)
    urls = engines.urls_of(database=name)
    if weakened:
        with psycopg.connect(urls[1]) as connection:
            connection.execute(weakened.encode())
    yield urls
    drop_database(engines=engines, name=name)


@pytest.fixture
def database(urls: tuple[str, str]) -> Iterator[Engine]:
    engine = open_database(urls[0])
    yield engine
    engine.dispose()


@pytest.fixture
def owner(urls: tuple[str, str]) -> Iterator[Engine]:
    engine = create_engine(driver_url(urls[1]))
    yield engine
    engine.dispose()


@pytest.fixture
def redis_client(engines: Engines) -> Iterator[Redis]:
    client = Redis.from_url(engines.redis_url)
    client.flushdb()
    yield client
    client.close()


@pytest.fixture
def settings(urls: tuple[str, str], engines: Engines) -> Settings:
    return make_settings(
        database_url=urls[0], migration_database_url=urls[1], redis_url=engines.redis_url
    )


@pytest.fixture
def world(database: Engine, owner: Engine, settings: Settings) -> Iterator[World]:
    world = World(database=database, owner=owner, settings=settings)
    yield world
    world.ledger_is_sound()


@pytest.fixture
def app(settings: Settings, redis_client: Redis) -> Iterator[Flask]:
    """The whole web application, in this process."""
    assert redis_client.ping()
    app = create_app(settings)
    yield app
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    wiring.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def phone_of(client: FlaskClient) -> Callable[[str], Phone]:
    """A phone with this number."""
    return lambda number: Phone(ViaTestClient(client), number)


@pytest.fixture
def phone(phone_of: Callable[[str], Phone]) -> Phone:
    return phone_of("+254700000001")
