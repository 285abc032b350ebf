"""A short code with a worker behind it, and a provider that does as it is told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from flask import Flask

from core.clock import in_nairobi
from core.database import now
from core.markets.rules import Side
from core.money import kes
from core.outbox.deliver import Worker
from sms.jobs import jobs
from sms.routes import blueprint
from sms.sender import AfricasTalkingSender
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.exchange import PHONE, Exchange
from tests.sms.watching import CROWD, RIVALS, Watching
from tests.sms.wire import Provider
from tests.world import World


@pytest.fixture
def provider() -> Iterator[Provider]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Provider(wire)


@pytest.fixture
def exchange(world: World) -> Exchange:
    app = Flask(__name__)
    app.register_blueprint(
        blueprint(database=world.database, settings=world.settings, pepper=world.pepper)
    )
    sender = AfricasTalkingSender(username="kibeezy", api_key="key", base_url="https://at.test")
    handlers = jobs(database=world.database, sender=sender, pepper=world.pepper)
    return Exchange(world, app.test_client(), Worker(world.database, handlers))


@pytest.fixture
def watching(exchange: Exchange) -> Watching:
    """It is ten in the morning, and YES stands at half of KES 1,000."""
    world = exchange.world
    with world.database.connect() as connection:
        here = in_nairobi(now(connection))
    morning = here.replace(hour=10, minute=0) + timedelta(days=1)
    world.moves(seconds=(morning - here).total_seconds())
    for phone in (CROWD, RIVALS):
        world.has_player(phone, balance=kes(5_000_000))
    world.has_player(PHONE)
    watching = Watching(
        exchange, world.has_market(label="Gor Mahia win", closes_in=timedelta(days=9))
    )
    bookmaker = Bookmaker(world)
    bookmaker.bets(CROWD, watching.market, Side.YES, 500)
    bookmaker.bets(RIVALS, watching.market, Side.NO, 500)
    return watching
