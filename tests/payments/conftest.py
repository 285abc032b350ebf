"""A till, and Daraja behind it."""

from collections.abc import Iterator

import pytest
import responses
from redis import Redis

from core.settings import Settings
from tests.payments.daraja import Daraja
from tests.payments.till import Till
from tests.world import World


@pytest.fixture
def daraja() -> Iterator[Daraja]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Daraja(wire)


@pytest.fixture
def till(world: World, settings: Settings, redis_client: Redis, daraja: Daraja) -> Till:  # noqa: ARG001
    return Till(world, settings, redis_client)
