"""A worker process that is killed between its claim and the provider's answer."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from redis import Redis

from core.money import kes
from core.settings import Settings
from tests.payments.till import Till, callback_body
from tests.world import World

ROOT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30

WORKER = """
import sys
from redis import Redis
from core.database import open_database
from core.outbox.deliver import Worker
from payments.jobs import jobs
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import open_mpesa
from payments.mpesa.pull import open_pull
from tests.settings import make_settings

database_url, redis_url, mpesa_url = sys.argv[1:]
settings = make_settings(
    database_url=database_url,
    redis_url=redis_url,
    mpesa_base_url=mpesa_url,
    # As many places as the test has, whose clock moves and Redis' does not.
    mpesa_queries_per_minute=600_000,
)
database, redis = open_database(database_url), Redis.from_url(redis_url)
mpesa = open_mpesa(settings=settings, redis_client=redis)
budget = QueryBudget(settings=settings, redis_client=redis)
pull = open_pull(settings=settings, redis_client=redis)
handlers = jobs(database=database, mpesa=mpesa, pull=pull, budget=budget, settings=settings)
Worker(database, handlers).run_due()
"""


@dataclass
class SlowDaraja:
    """Takes a push, and answers only when it is let go."""

    pushes: int = 0
    arrived: threading.Event = field(default_factory=threading.Event)
    let_go: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow_daraja() -> Iterator[tuple[SlowDaraja, str]]:
    slow = SlowDaraja()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b'{"access_token": "a", "expires_in": "3599"}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            slow.pushes += 1
            slow.arrived.set()
            slow.let_go.wait(PATIENCE_SECONDS)
            self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield slow, f"http://127.0.0.1:{server.server_port}"
    slow.let_go.set()
    server.shutdown()
    server.server_close()
    thread.join()


def test_killed_while_daraja_has_the_push(
    world: World, settings: Settings, redis_client: Redis, slow_daraja: tuple[SlowDaraja, str]
) -> None:
    slow, url = slow_daraja
    till = Till(world, settings.model_copy(update={"mpesa_base_url": url}), redis_client)
    deposit = till.asks()
    arguments = [settings.database_url, settings.redis_url, url]
    with subprocess.Popen(
        [sys.executable, "-c", WORKER, *arguments], cwd=ROOT, env={**os.environ}
    ) as worker:
        assert slow.arrived.wait(PATIENCE_SECONDS)
        worker.send_signal(signal.SIGKILL)
    assert till.state(deposit) == "submitting"

    till.works()
    assert till.state(deposit) == "submitting", "the dead worker's lease still runs"
    world.moves(seconds=61)
    till.works()
    assert till.state(deposit) == "submit_unknown"
    assert slow.pushes == 1
    assert till.messages() == []
    slow.let_go.set()

    # The prompt had reached the phone, and the player paid.
    till.posts(deposit, callback_body())
    till.works()
    assert till.wallet == kes(1000)
