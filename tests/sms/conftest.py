"""A short code with a worker behind it, and providers that do as they are told."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import responses
from flask import Flask
from redis import Redis

from core.markets.rules import Side
from core.money import kes
from core.outbox.deliver import Worker
from sms.africas_talking import AfricasTalkingSender
from sms.infobip import InfobipSender
from sms.jobs import begin, jobs
from sms.pace import Pace
from sms.route import Route
from sms.routes import blueprint
from sms.sender import SmsSender
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.air import Air, on_the_air
from tests.sms.exchange import INFOBIP_SECRET, PHONE, Exchange
from tests.sms.watching import CROWD, RIVALS, Watching
from tests.sms.wire import Infobip, Provider
from tests.world import World


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield wire


@pytest.fixture
def provider(wire: responses.RequestsMock) -> Provider:
    return Provider(wire)


@pytest.fixture
def infobip(wire: responses.RequestsMock) -> Infobip:
    return Infobip(wire)


@pytest.fixture
def pace(redis_client: Redis) -> Pace:
    return Pace(redis_client=redis_client, per_second=1_000)


@pytest.fixture
def exchange(world: World, pace: Pace) -> Exchange:
    return exchange_with(world, pace, [first_sender()])


@pytest.fixture
def pair(world: World, pace: Pace) -> Exchange:
    """The same with two providers, and somebody who judges them."""
    world.has_player(verified=False)
    begin(world.database)
    return exchange_with(world, pace, [first_sender(), second_sender()])


def exchange_with(world: World, pace: Pace, senders: list[SmsSender]) -> Exchange:
    app = Flask(__name__)
    app.register_blueprint(
        blueprint(database=world.database, settings=world.settings, pepper=world.pepper)
    )
    # Here time is moved, so what was looked up a moment ago is old.
    route = Route(world.database, senders, fresh_seconds=0)
    handlers = jobs(database=world.database, route=route, pepper=world.pepper, pace=pace)
    return Exchange(world, app.test_client(), Worker(world.database, handlers))


def first_sender() -> AfricasTalkingSender:
    return AfricasTalkingSender(
        username="kibeezy",
        api_key="key",
        base_url="https://at.test",
        sender_id="KIBEEZY",
        promo_sender_id="KIBEEZYNEWS",
    )


def second_sender() -> InfobipSender:
    return InfobipSender(
        base_url="https://infobip.test",
        api_key="key",
        sender_id="KIBEEZY",
        promo_sender_id="KIBEEZYNEWS",
        report_url=f"https://hooks.test/sms/{INFOBIP_SECRET}/infobip/delivery",
    )


@pytest.fixture
def air(world: World, redis_client: Redis) -> Iterator[Air]:
    assert redis_client.ping()
    with on_the_air(world) as air:
        yield air


@pytest.fixture
def both_on_the_air(world: World, redis_client: Redis) -> Iterator[Air]:
    """The same, with a second provider."""
    assert redis_client.ping()
    with on_the_air(world, second=True) as air:
        yield air


@pytest.fixture
def watching(exchange: Exchange) -> Watching:
    """It is ten in the morning, and YES stands at half of KES 1,000."""
    world = exchange.world
    world.comes_to(10)
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
