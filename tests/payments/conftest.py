"""A till, and Daraja behind it."""

from collections.abc import Iterator

import pytest
import responses
from redis import Redis

from core.settings import Settings
from tests.payments.cashier import Cashier
from tests.payments.daraja import Daraja
from tests.payments.paybill import Paybill
from tests.payments.till import Till
from tests.world import World


@pytest.fixture
def daraja() -> Iterator[Daraja]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Daraja(wire)


@pytest.fixture
def till(world: World, settings: Settings, redis_client: Redis, daraja: Daraja) -> Till:  # noqa: ARG001
    # Time is moved here, not waited for; the budget goes by Redis' clock, which nobody moves.
    unhurried = settings.model_copy(update={"mpesa_queries_per_minute": 600_000})
    return Till(world, unhurried, redis_client)


@pytest.fixture
def paybill(till: Till, daraja: Daraja) -> Paybill:
    return Paybill(till, daraja)


@pytest.fixture
def cashier(till: Till) -> Cashier:
    return Cashier(till)
