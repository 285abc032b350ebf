"""The two processes that an operator starts, and how one that cannot start says so."""

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NoReturn, TypeAlias
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
# Of the threads of a process; and how long one more waits for a place.
STAFF_AT_ONCE = 6
STAFF_WAITS_SECONDS = 0.5
Headers: TypeAlias = list[tuple[str, str]]


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


def few_at_once(application: WSGIApplication) -> WSGIApplication:
    """The application, whose staff page keeps most threads free for callers and callbacks.

    A place is held from before the body is read until the answer is made; where it is made while it
    is sent, as an export is, until its end. Who sends or reads slowly holds up the staff page only.
    """
    places = threading.BoundedSemaphore(STAFF_AT_ONCE)

    def limited(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environment.get("PATH_INFO", "")
        if not path.startswith("/admin") or path.startswith("/admin/static/"):
            return application(environment, start_response)
        if not places.acquire(timeout=STAFF_WAITS_SECONDS):
            start_response("503 Service Unavailable", [("Retry-After", "1")])
            return [b"The staff page is busy. Try again in a moment."]
        is_made = False
        names: list[str] = []

        def begin(status: str, headers: Headers, *fault: Any) -> Callable[[bytes], object]:  # noqa: ANN401 - what WSGI says of a failure
            names.extend(name for name, _ in headers)
            return start_response(status, headers, *fault)

        try:
            answer = application(environment, begin)
            is_made = "Content-Length" in names
        except BaseException:
            is_made = True
            raise
        finally:
            if is_made:
                places.release()
        return answer if is_made else _Held(answer, places.release)

    return limited


class _Held:
    """An answer that gives something back once it was read, or is given up."""

    def __init__(self, answer: Iterable[bytes], give_back: Callable[[], None]) -> None:
        self._answer, self._parts, self._give_back = answer, iter(answer), give_back
        self._is_open = True

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._parts)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._give_back()
            if hasattr(self._answer, "close"):
                self._answer.close()


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
