"""The two processes that an operator starts, and how one that cannot start says so."""

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from typing import NoReturn
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import click
from granian.constants import Interfaces
from granian.server import Server
from sqlalchemy import Engine

from core.database import in_transaction, time_limit
from core.outbox.deliver import Worker
from core.settings import Settings
from core.staff.demo import list_demo_admins

WEB_THREADS = 16
CANNOT_START = 2
# As long as a hop may take; a probe or a callback is given up before its thread is missed.
REQUEST_SECONDS = 8.0


def web_command(*, settings: Settings, require_engines: Callable[[], None]) -> click.Command:
    """The command `web`."""

    @click.command("web")
    def serve() -> None:
        """The web server: gateways, providers, health."""
        require_engines()
        _require_port(settings)
        # Access logs would hold the secrets that are in the callbacks' paths.
        server = Server(
            "app:create_app",
            address=settings.bind_address,
            port=settings.port,
            interface=Interfaces.WSGI,
            blocking_threads=WEB_THREADS,
            workers=settings.web_processes,
            respawn_failed_workers=True,
            factory=True,
            log_access=False,
            websockets=False,
        )
        server.serve()

    return serve


def worker_command(
    *,
    open_worker: Callable[[], Worker],
    rest: Callable[[], Callable[[float], None]],
    require_engines: Callable[[], None],
) -> click.Command:
    """The command `worker`; `rest` makes what waits for work."""

    @click.command("worker")
    def work() -> None:
        """The background process; any number may run."""
        require_engines()
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        open_worker().run_until(stop, rest=rest())

    return work


def refuse_demo_admins(*, database: Engine, settings: Settings) -> None:
    """End where a demo's admins could be knocked at from elsewhere, naming them and the way out."""
    demo = [] if settings.is_local else in_transaction(database, list_demo_admins)
    if demo:
        exit_saying(
            f"{', '.join(demo)}: admins of a demo, but PUBLIC_URL is not this machine. Shut each"
            " out, as an owner of your own: flask --app app admin disable EMAIL --by EMAIL"
        )


def in_time(application: WSGIApplication) -> WSGIApplication:
    """The application, whose requests wait for a database that hangs only so long."""

    def limited(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with time_limit(REQUEST_SECONDS):
            return application(environment, start_response)

    return limited


def exit_saying(sentence: str) -> NoReturn:
    """End with one line and the status of what could not be started."""
    sys.stderr.write(f"kibeezy: {sentence}\n")
    raise SystemExit(CANNOT_START)


def _require_port(settings: Settings) -> None:
    # The server would answer a taken port with a stack trace.
    address = (settings.bind_address, settings.port)
    try:
        family = socket.AF_INET6 if ":" in settings.bind_address else socket.AF_INET
        socket.create_server(address, family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            exit_saying(f"Port {settings.port} is taken: set PORT to another one.")
        exit_saying(f"BIND_ADDRESS, PORT: cannot listen there: {error.strerror}")
