"""The short code with a network behind it: SMS arrive on the simulator's handsets."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from app import Wiring
from core.settings import Settings
from simulator.config import Config
from simulator.server import serve_in_thread
from tests.phone import AFRICAS_TALKING, PROVIDERS, Phone, Provider

# Conversations that must be the same over every gateway. A test among them that changes a
# provider's own fields says so: parametrize("provider", [AFRICAS_TALKING], indirect=True).
OVER_EVERY_GATEWAY = {
    "test_account",
    "test_betting",
    "test_lists",
    "test_redial",
    "test_registration",
    "test_shortcuts",
    "test_words",
}
CODE = re.compile(r"\b\d{6}\b")


@dataclass(frozen=True)
class Network:
    """The simulator, and the worker that reaches it when told to."""

    url: str
    wiring: Wiring

    def works(self) -> None:
        """Let the worker do everything that is due."""
        worker = self.wiring.worker()
        while worker.run_due():
            pass

    def inbox(self, phone: str) -> list[str]:
        """Every SMS that the number has received, oldest first."""
        self.works()
        answer = requests.get(f"{self.url}/control/messages", params={"to": phone}, timeout=5)
        return [message["text"] for message in answer.json()]

    def everything_cached(self) -> list[str]:
        """Every key and value in Redis."""
        redis = self.wiring.redis
        return [str(redis.get(key)) for key in redis.scan_iter("*", _type="string")]

    def code(self, phone: str) -> str:
        """The newest six-digit code that the number has received."""
        codes = [found[0] for text in self.inbox(phone) if (found := CODE.search(text))]
        assert codes, f"no code reached {phone}"
        return codes[-1]


@pytest.fixture(scope="session")
def simulator_url() -> Iterator[str]:
    running = serve_in_thread(Config(port=0))
    yield running.url
    running.stop()


@pytest.fixture
def settings(settings: Settings, simulator_url: str) -> Settings:
    """As everywhere, but with providers that answer."""
    requests.post(f"{simulator_url}/control/reset", timeout=5).raise_for_status()
    # Nobody listens for reports here: the service runs inside the test.
    quiet = {"delivery_reports": False}
    requests.put(f"{simulator_url}/control/settings", json=quiet, timeout=5).raise_for_status()
    urls = {"at_base_url": f"{simulator_url}/version1", "mpesa_base_url": simulator_url}
    return settings.model_copy(update=urls)


@pytest.fixture
def network(app: Flask, simulator_url: str) -> Network:
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    return Network(simulator_url, wiring)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    file = metafunc.module.__name__.rpartition(".")[2]
    chosen = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    wanted = "provider" in metafunc.fixturenames and "provider" not in chosen
    if wanted and file in OVER_EVERY_GATEWAY:
        metafunc.parametrize("provider", PROVIDERS.values(), ids=PROVIDERS, indirect=True)


@pytest.fixture
def provider(request: pytest.FixtureRequest) -> Provider:
    """The gateway of this test's phones."""
    provider = getattr(request, "param", AFRICAS_TALKING)
    assert isinstance(provider, Provider)
    return provider


@pytest.fixture
def phone_of(client: FlaskClient, provider: Provider) -> Callable[[str], Phone]:
    """A phone with this number."""
    return lambda number: provider.phone(client, number)
