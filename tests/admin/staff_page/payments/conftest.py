"""A till and M-Pesa behind it, and those who help a caller."""

from collections.abc import Callable, Iterator

import pytest
import responses
from redis import Redis

from core.settings import Settings
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.payments.daraja import Daraja
from tests.payments.till import Till
from tests.world import World


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As everywhere, but M-Pesa may be asked at once."""
    return settings.model_copy(update={"mpesa_queries_per_minute": 600_000})


@pytest.fixture
def daraja() -> Iterator[Daraja]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Daraja(wire)


@pytest.fixture
def till(world: World, settings: Settings, redis_client: Redis, daraja: Daraja) -> Till:
    assert daraja.tokens == 0
    return Till(world, settings, redis_client)


@pytest.fixture
def support(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT)


@pytest.fixture
def two_people(new_desk: Callable[[], Desk]) -> Callable[[], tuple[Desk, Desk]]:
    """Two who may decide about money, who have just signed in."""
    return lambda: (new_desk().signs_in(Role.FINANCE), new_desk().signs_in(Role.OWNER))
