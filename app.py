"""The only place that wires: settings, adapters, blueprints, the command line and the worker."""

import errno
import signal
import socket
import sys
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import NoReturn
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import click
import structlog
from flask import Flask, request
from granian.constants import Interfaces
from granian.server import Server
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

import payments.c2b_desk
import payments.c2b_routes
import payments.jobs
import payments.routes
import sms.jobs
import sms.routes
import sms.sim_swap
import ussd.commands
import ussd.routes
import ussd.terminal.commands
from admin import health
from admin.commands import (
    alarms,
    config,
    deposits,
    ledger,
    markets,
    paybill,
    players,
    reconcile,
    staff,
    statements,
    suspense,
    switches,
)
from core.database import open_database, time_limit
from core.log import configure_logging
from core.markets import jobs as market_jobs
from core.outbox.deliver import Worker
from core.settings import Settings, WrongSettings, load_settings
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa, open_mpesa
from payments.reconcile import nothing_to_ask, patient_query
from payments.register_paybill import registrar
from payments.statement_desk import StatementDesk, open_desk
from sms.sender import AfricasTalkingSender
from sms.sim_swap import Insights
from ussd.conversation import Conversation
from ussd.funnel import Funnel, sweep_between
from ussd.sessions import Sessions, listen_for_work
from ussd.visit import Services

log = structlog.get_logger()

REDIS_TIMEOUT_SECONDS = 0.75
WEB_THREADS = 16
CANNOT_START = 2
# As long as a hop may take; a probe or a callback is given up before its thread is missed.
REQUEST_SECONDS = 8.0


def create_app(settings: Settings | None = None) -> Flask:
    """The web application with the operator's commands; exits with status 2 on a wrong setting."""
    return _flask(_wire(settings or _settings_or_exit()))


@dataclass(frozen=True)
class Wiring:
    """Everything that is made once per process."""

    settings: Settings
    database: Engine
    redis: Redis

    @cached_property
    def mpesa(self) -> Mpesa:
        """The payment provider; its token is shared by all processes."""
        return open_mpesa(settings=self.settings, redis_client=self.redis)

    @cached_property
    def statements(self) -> StatementDesk:
        """The payment provider's statements, held against the books."""
        return open_desk(database=self.database, settings=self.settings, redis_client=self.redis)

    @cached_property
    def budget(self) -> QueryBudget:
        """How often the payment provider may be asked, over all processes."""
        return QueryBudget(settings=self.settings, redis_client=self.redis)

    def close(self) -> None:
        """Give every connection back."""
        self.database.dispose()
        self.redis.close()

    def worker(self) -> Worker:
        """The background process: every kind of job with who does it."""
        sender = AfricasTalkingSender(
            username=self.settings.at_username,
            api_key=self.settings.at_api_key.get_secret_value(),
            base_url=self.settings.at_base_url,
            sender_id=self.settings.at_sender_id,
        )
        insights = Insights(
            username=self.settings.at_username,
            api_key=self.settings.at_api_key.get_secret_value(),
            base_url=self.settings.at_insights_url,
        )
        handlers = {
            **market_jobs.jobs(database=self.database),
            **sms.jobs.jobs(database=self.database, sender=sender, pepper=self.settings.pepper),
            **sms.sim_swap.jobs(database=self.database, insights=insights),
            **payments.jobs.jobs(
                database=self.database,
                mpesa=self.mpesa,
                budget=self.budget,
                public_url=self.settings.public_url,
            ),
            **self.statements.jobs(),
            **payments.c2b_desk.jobs(database=self.database, settings=self.settings),
        }
        return Worker(self.database, handlers)

    def rest(self) -> Callable[[float], None]:
        """How the worker waits: it sweeps the funnel, and wakes up when a hop has left work."""
        return sweep_between(listen_for_work(self.redis), Funnel(self.redis))


def _wire(settings: Settings) -> Wiring:
    configure_logging(level=settings.log_level)
    redis = Redis.from_url(
        settings.redis_url,
        socket_timeout=REDIS_TIMEOUT_SECONDS,
        socket_connect_timeout=REDIS_TIMEOUT_SECONDS,
        # The client's own patience would outlast the caller's: once more, at once, must do.
        retry=Retry(NoBackoff(), 1),
    )
    return Wiring(settings, open_database(settings.database_url), redis)


def _flask(wiring: Wiring) -> Flask:
    settings, database = wiring.settings, wiring.database
    app = Flask(__name__, static_folder=None)
    app.extensions["kibeezy"] = wiring
    app.register_error_handler(Exception, _say_nothing_of_the_path)
    conversation = Conversation(
        services=Services(database, settings), sessions=Sessions(wiring.redis)
    )
    app.register_blueprint(ussd.routes.blueprint(settings=settings, conversation=conversation))
    for routes in (payments.routes, payments.c2b_routes):
        app.register_blueprint(routes.blueprint(database=database, settings=settings))
    app.register_blueprint(
        sms.routes.blueprint(database=database, settings=settings, pepper=settings.pepper)
    )
    app.register_blueprint(
        health.blueprint(
            database=database, redis_client=wiring.redis, counts=(Funnel(wiring.redis),)
        )
    )
    _add_commands(app, wiring)
    app.wsgi_app = _in_time(app.wsgi_app)  # type: ignore[assignment,method-assign]
    return app


def _in_time(application: WSGIApplication) -> WSGIApplication:
    """The application, whose requests wait for a database that hangs only so long."""

    def limited(environment: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        with time_limit(REQUEST_SECONDS):
            return application(environment, start_response)

    return limited


def _say_nothing_of_the_path(error: Exception) -> HTTPException | tuple[str, int]:
    # Flask would log the path, and the callbacks' paths hold secrets and tokens.
    if isinstance(error, HTTPException):
        return error
    log.error("request_failed", endpoint=request.endpoint, exc_info=error)
    return "", 500


def _add_commands(app: Flask, wiring: Wiring) -> None:
    settings, database = wiring.settings, wiring.database
    query = patient_query(mpesa=wiring.mpesa, budget=wiring.budget)
    for command in (
        staff.group(database=database),
        markets.group(database=database, settings=settings),
        players.group(database=database),
        deposits.group(database=database),
        ledger.group(database=database),
        config.group(database=database, settings=settings),
        switches.group(database=database),
        alarms.group(database=database),
        suspense.group(database=database),
        paybill.group(register=registrar(mpesa=wiring.mpesa, settings=settings)),
        ussd.commands.group(settings=settings),
        ussd.terminal.commands.command(
            settings=settings,
            database=database,
            open_client=app.test_client,
            require_engines=lambda: _require_engines(wiring),
        ),
        statements.group(database=database, desk=wiring.statements, settings=settings),
        reconcile.command(
            database=database,
            query=query,
            ask_withdrawals=nothing_to_ask,
            ask_paybill=nothing_to_ask,
            desk=wiring.statements,
            settings=settings,
        ),
        _worker_command(wiring),
        _web_command(wiring),
    ):
        app.cli.add_command(command)


def _worker_command(wiring: Wiring) -> click.Command:
    @click.command("worker")
    def work() -> None:
        """The background process; any number may run."""
        _require_engines(wiring)
        stop = threading.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: stop.set())
        wiring.statements.begin()
        wiring.worker().run_until(stop, rest=wiring.rest())

    return work


def _web_command(wiring: Wiring) -> click.Command:
    @click.command("web")
    def serve() -> None:
        """The web server: gateways, providers, health."""
        _require_engines(wiring)
        _require_port(wiring.settings)
        # Access logs would hold the secrets that are in the callbacks' paths.
        server = Server(
            "app:create_app",
            address=wiring.settings.bind_address,
            port=wiring.settings.port,
            interface=Interfaces.WSGI,
            blocking_threads=WEB_THREADS,
            workers=wiring.settings.web_processes,
            respawn_failed_workers=True,
            factory=True,
            log_access=False,
            websockets=False,
        )
        server.serve()

    return serve


def _require_engines(wiring: Wiring) -> None:
    faults = list(health.find_faults(database=wiring.database, redis_client=wiring.redis))
    if faults:
        _exit("; ".join(faults))


def _require_port(settings: Settings) -> None:
    # The server would answer a taken port with a stack trace.
    address = (settings.bind_address, settings.port)
    try:
        family = socket.AF_INET6 if ":" in settings.bind_address else socket.AF_INET
        socket.create_server(address, family=family).close()
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            _exit(f"Port {settings.port} is taken: set PORT to another one.")
        _exit(f"BIND_ADDRESS, PORT: cannot listen there: {error.strerror}")


def _settings_or_exit() -> Settings:
    try:
        return load_settings()
    except WrongSettings as fault:
        _exit(str(fault))


def _exit(sentence: str) -> NoReturn:
    sys.stderr.write(f"kibeezy: {sentence}\n")
    raise SystemExit(CANNOT_START)
