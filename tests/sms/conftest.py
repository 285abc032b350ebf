"""A short code with a worker behind it, and a provider that does as it is told."""

from collections.abc import Iterator

import pytest
import responses
from flask import Flask
from redis import Redis

from core.outbox.deliver import Worker
from sms.jobs import jobs
from sms.routes import blueprint
from sms.sender import AfricasTalkingSender
from tests.sms.air import Air, on_the_air
from tests.sms.exchange import Exchange
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
def air(world: World, redis_client: Redis) -> Iterator[Air]:
    assert redis_client.ping()
    with on_the_air(world) as air:
        yield air
