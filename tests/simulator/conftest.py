"""A running simulator with a fake service behind it."""

from collections.abc import Iterator

import pytest

from simulator.config import Config
from simulator.server import serve_in_thread
from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService, serve
from tests.simulator.treasurer import Treasurer


@pytest.fixture(scope="session")
def listening_service() -> Iterator[FakeService]:
    running = serve(FakeService())
    yield running.service
    running.stop()


@pytest.fixture(scope="session")
def listening_simulator(listening_service: FakeService) -> Iterator[str]:
    config = Config(
        port=0,
        public_url=listening_service.url,
        at_callback_secret="at-secret",
        callback_delay_seconds=0,
    )
    running = serve_in_thread(config)
    yield running.url
    running.stop()


@pytest.fixture
def service(listening_service: FakeService) -> FakeService:
    listening_service.clear()
    return listening_service


@pytest.fixture
def remote(listening_simulator: str, service: FakeService) -> Remote:
    remote = Remote(url=listening_simulator)
    remote.post("/control/reset")
    service.clear()
    return remote


@pytest.fixture
def merchant(remote: Remote, service: FakeService) -> Merchant:
    return Merchant(url=remote.url, callback_url=f"{service.url}/payments/stk/abc123")


@pytest.fixture
def treasurer(remote: Remote, service: FakeService) -> Treasurer:
    treasurer = Treasurer(
        url=remote.url,
        callback_url=f"{service.url}/payments/c2b/abc123",
        result_url=f"{service.url}/payments/b2c/abc123/result",
        timeout_url=f"{service.url}/payments/b2c/abc123/timeout",
    )
    treasurer.sign_in()
    return treasurer
