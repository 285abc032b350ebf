"""Everything that a day takes, in one process: engines, the service, the simulator."""

import logging
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from alembic import command
from alembic.config import Config as Alembic
from flask import Flask
from redis import Redis
from sqlalchemy import Engine, create_engine, text
from werkzeug.serving import WSGIRequestHandler, make_server

from app import Wiring, create_app
from core.database import driver_url
from core.settings import Settings
from laptop.demo_settings import Ports, compose
from laptop.engines import Engines, create_database, drop_database, temporary_engines
from rehearsal.complaints import Complaints
from rehearsal.mortal import MortalWiring, Reaper
from rehearsal.network import Network
from simulator.config import Config
from simulator.server import HOST, serve_in_thread

# When every rehearsal begins; a Wednesday.
BEGINS: Final = datetime.fromisoformat("2026-11-25T05:00:00+03:00")
_TEMPLATE: Final = "kibeezy_rehearsal"
_ROOT: Final = Path(__file__).resolve().parent.parent
# The service's clock stands at the same moment, and goes on only when it is told to.
_STANDS: Final = text(
    """
    CREATE OR REPLACE FUNCTION kibeezy_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE
    AS 'SELECT timestamptz ''2026-11-25T05:00:00+03:00'' + ahead FROM clock'
    """
)
_MOVE: Final = text("UPDATE clock SET ahead = :ahead")
_PROXY: Final = "HTTP_X_FORWARDED_FOR"
_numbers = count()


@dataclass(frozen=True)
class Stage:
    """One day's service on a database of its own, and the network around it."""

    app: Flask
    wiring: Wiring
    owner: Engine
    network: Network
    reaper: Reaper
    complaints: Complaints

    @property
    def database(self) -> Engine:
        """The service's own login."""
        return self.wiring.database

    @property
    def settings(self) -> Settings:
        """The service's settings."""
        return self.wiring.settings

    def move_clock(self, moment: datetime) -> None:
        """Let it be this time for the service; only the owner's login may."""
        with self.owner.begin() as connection:
            connection.execute(_MOVE, {"ahead": moment - BEGINS})


@contextmanager
def open_house() -> Iterator[Engines]:
    """Both engines, and a migrated database to copy, whose clock stands."""
    with temporary_engines() as engines:
        create_database(engines=engines, name=_TEMPLATE)
        app_url, owner_url = engines.urls_of(database=_TEMPLATE)
        migrations = Alembic(str(_ROOT / "alembic.ini"))
        migrations.attributes["urls"] = (owner_url, app_url)
        command.upgrade(migrations, "head")
        owner = create_engine(driver_url(owner_url))
        with owner.begin() as connection:
            connection.execute(_STANDS)
        owner.dispose()
        yield engines


@contextmanager
def open_stage(engines: Engines, *, seed: int) -> Iterator[Stage]:
    """A fresh database, an empty cache, and both servers; all gone afterwards."""
    name = f"kibeezy_day_{next(_numbers)}"
    create_database(engines=engines, name=name, template=_TEMPLATE)
    with Redis.from_url(engines.redis_url) as redis:
        redis.flushdb()
    try:
        with socket.create_server((HOST, 0), backlog=128) as listener:
            yield from _serve(engines, name, listener, seed)
    finally:
        drop_database(engines=engines, name=name)


def _serve(engines: Engines, name: str, listener: socket.socket, seed: int) -> Iterator[Stage]:
    url = f"http://{HOST}:{listener.getsockname()[1]}"
    running = serve_in_thread(Config(port=0, public_url=url))
    network = Network(running)
    network.put("/clock", stands_at=BEGINS.isoformat())
    network.put("/chance", seed=seed)
    app_url, owner_url = engines.urls_of(database=name)
    app = create_app(_settings(app_url, engines.redis_url, url, running.url))
    plain: Wiring = app.extensions["kibeezy"]
    reaper = Reaper()
    reaper.watch(plain.database)
    complaints = Complaints()
    owner = create_engine(driver_url(owner_url))
    with complaints.heard(), _listening(app, listener):
        wiring = MortalWiring(plain.settings, plain.database, plain.redis, reaper)
        yield Stage(app, wiring, owner, network, reaper, complaints)
    running.stop()
    owner.dispose()
    plain.close()


def _settings(database_url: str, redis_url: str, url: str, simulator: str) -> Settings:
    ours = {
        "PUBLIC_URL": url,
        "AT_BASE_URL": f"{simulator}/version1",
        "AT_INSIGHTS_URL": f"{simulator}/v1",
        "INFOBIP_BASE_URL": simulator,
        "MPESA_BASE_URL": simulator,
        # Both go by the machine's clock, so the simulator's own throttle must do.
        "MPESA_QUERIES_PER_MINUTE": "600000",
        "SMS_PER_SECOND": "1000",
        "CALLBACK_ALLOWED_IPS": HOST,
        "TRUSTED_PROXY_COUNT": "1",
        "LOG_LEVEL": "ERROR",
    }
    engines = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
    with TemporaryDirectory() as home:
        demo = compose(
            environment=ours,
            home=Path(home),
            ports=Ports(web=8000, simulator=8001),
            engine_urls=engines,
        )
    names = {name.upper() for name in Settings.model_fields}
    return Settings.model_validate({n.lower(): v for n, v in demo.items() if n in names})


@contextmanager
def _listening(app: Flask, listener: socket.socket) -> Iterator[None]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server(
        HOST,
        listener.getsockname()[1],
        _behind_a_proxy(app.wsgi_app),
        threaded=True,
        request_handler=_QuietHandler,
        fd=listener.fileno(),
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _behind_a_proxy(application: WSGIApplication) -> WSGIApplication:
    """Whoever names no address is the provider; a stranger names his own."""

    def proxy(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        environment.setdefault(_PROXY, HOST)
        return application(environment, start_response)

    return proxy


class _QuietHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Log nothing."""
