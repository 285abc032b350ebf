"""The whole service after a busy day, at an address that browsers can open."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import Final

from flask import Flask, g
from redis import Redis
from sqlalchemy import create_engine
from werkzeug.serving import make_server

from admin.access import Policy
from app import Wiring, create_app
from core.database import driver_url, open_database
from laptop.engines import Engines, create_database, drop_database
from tests.admin.staff_page.busy_day import BusyDay, live_through
from tests.admin.staff_page.desk import HERE
from tests.settings import make_settings
from tests.sms.wire import URL
from tests.world import World

DATABASE: Final = "kibeezy_busy_day"


@dataclass(frozen=True)
class BusyService:
    """The service, what happened to it, and where it listens."""

    app: Flask
    day: BusyDay
    address: str

    def policies(self) -> dict[str, Policy]:
        """What the page itself knows, read off a request."""
        with self.app.test_request_context("/admin/sign-in", base_url=HERE):
            self.app.preprocess_request()
            found: dict[str, Policy] = g.site.policies
            return found


@contextmanager
def busy_service(engines: Engines, *, template: str) -> Iterator[BusyService]:
    """Live through it on a copy of a migrated database, and listen; nothing of it is left."""
    create_database(engines=engines, name=DATABASE, template=template)
    urls = engines.urls_of(database=DATABASE)
    settings = make_settings(
        database_url=urls[0],
        migration_database_url=urls[1],
        redis_url=engines.redis_url,
        at_base_url=URL.removesuffix("/version1/messaging"),
        # Time is moved here, and the budget goes by Redis' clock, which nobody moves.
        mpesa_queries_per_minute=600_000,
    )
    with Redis.from_url(engines.redis_url) as redis:
        redis.flushdb()
    owner, app = create_engine(driver_url(urls[1])), create_app(settings)
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    world = World(database=open_database(urls[0]), owner=owner, settings=settings)
    try:
        day = live_through(world, app)
        with listening(app) as address:
            yield BusyService(app, day, address)
        world.ledger_is_sound()
    finally:
        wiring.close()
        world.database.dispose()
        owner.dispose()
        drop_database(engines=engines, name=DATABASE)


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """The application on a port of its own."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
