"""Processes of a test's own: two webs, a worker, and the simulator on a thread."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from redis import Redis

from core.settings import Settings
from simulator.config import Config
from simulator.server import serve_in_thread
from tests.admin.terminal import environment_of
from tests.chaos.street import Member, Street
from tests.core.markets.bookmaker import Bookmaker
from tests.laptop.supervisor import free_port
from tests.simulator.remote import Remote
from tests.world import World

OpenStreet = Callable[..., Street]


@pytest.fixture
def open_street(
    world: World, settings: Settings, redis_client: Redis, tmp_path: Path
) -> Iterator[OpenStreet]:
    """Opens a street, with settings of the test's own; closes it whatever happens."""
    assert redis_client.ping()
    with ExitStack() as closing:

        def open_(**changes: str) -> Street:
            ports = free_port(), free_port()
            urls = f"http://127.0.0.1:{ports[0]}", f"http://127.0.0.1:{ports[1]}"
            # Kenya's networks take a second to call back; here nobody waits for effect.
            config = Config(port=0, public_url=urls[0], callback_delay_seconds=0)
            simulator = serve_in_thread(config)
            closing.callback(simulator.stop)
            environment = {
                "KIBEEZY_HOME": str(tmp_path / "home"),
                **_environment(settings, service=urls[0], providers=simulator.url),
                **changes,
            }
            first, second = (
                Member(("web",), {**environment, "PORT": str(port)}, tmp_path / f"web-{port}.log")
                for port in ports
            )
            worker = Member(("worker",), environment, tmp_path / "worker.log")
            remote = Remote(simulator.url)
            street = Street(world, remote, (first, second), urls, worker, environment)
            closing.callback(street.ends)
            street.opens()
            return street

        yield open_


@pytest.fixture
def street(open_street: OpenStreet) -> Street:
    return open_street()


@pytest.fixture
def bookmaker(world: World) -> Bookmaker:
    return Bookmaker(world)


def _environment(settings: Settings, *, service: str, providers: str) -> dict[str, str]:
    return {
        "PATH": "/usr/bin:/bin",
        **environment_of(settings),
        "PUBLIC_URL": service,
        "AT_BASE_URL": f"{providers}/version1",
        "MPESA_BASE_URL": providers,
        "STK_PUSH_DELAY_SECONDS": "0",
    }
