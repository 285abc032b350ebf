"""The only place that wires: settings, adapters, blueprints, the command line and the worker."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

import structlog
from flask import Flask, request
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from sqlalchemy import Engine
from werkzeug.exceptions import HTTPException

import payments.c2b_routes
import payments.jobs
import payments.routes
import payments.statement_desk
import sms.jobs
import sms.routes
import sms.sim_swap
import ussd.commands
import ussd.routes
import ussd.terminal.commands
from admin import health, public_ledger, staff_page
from admin.commands import (
    alarms,
    audit,
    config,
    deposits,
    jobs,
    ledger,
    markets,
    paybill,
    players,
    reconcile,
    sms_messages,
    staff,
    statements,
    suspense,
    switches,
    withdrawals,
)
from admin.few_at_once import few_at_once
from admin.processes import (
    exit_saying,
    in_time,
    refuse_demo_admins,
    web_command,
    worker_command,
)
from core.alarms.job_set_aside import call_for_job
from core.database import open_database
from core.log import configure_logging
from core.markets import jobs as market_jobs
from core.outbox.deliver import Worker
from core.players import jobs as player_jobs
from core.seal import jobs as seal_jobs
from core.settings import Settings, WrongSettings, load_settings
from core.watch import jobs as watch_jobs
from core.watch.rules import EACH
from core.watchers import jobs as watcher_jobs
from payments.ask_now import open_ask_now
from payments.mpesa.budget import QueryBudget
from payments.mpesa.client import Mpesa, open_mpesa
from payments.mpesa.pull import Pull, open_pull
from payments.mpesa.statement_csv import read_statement
from payments.reconcile import patient_query
from payments.register_paybill import registrar
from payments.statement_desk import pull_statement, register_pull
from payments.status_desk import StatusDesk
from sms.pace import Pace
from sms.route import Route
from sms.senders import sms_senders
from sms.sim_swap import Insights
from ussd.conversation import Conversation
from ussd.funnel import Funnel, sweep_between
from ussd.market_preview import preview_market
from ussd.sessions import Sessions, listen_for_work
from ussd.visit import Services

log = structlog.get_logger()

REDIS_TIMEOUT_SECONDS = 0.75


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
    def pull(self) -> Pull:
        """The payment provider's statement."""
        return open_pull(settings=self.settings, redis_client=self.redis)

    @cached_property
    def budget(self) -> QueryBudget:
        """How often the payment provider may be asked, over all processes."""
        return QueryBudget(settings=self.settings, redis_client=self.redis)

    @cached_property
    def pace(self) -> Pace:
        """How fast SMS go out, over all processes."""
        return Pace(redis_client=self.redis, per_second=self.settings.sms_per_second)

    @property
    def status_desk(self) -> StatusDesk:
        """Asks the payment provider what became of payments."""
        return StatusDesk(self.database, self.mpesa, self.budget, self.settings.public_url)

    def close(self) -> None:
        """Give every connection back."""
        self.database.dispose()
        self.redis.close()

    def worker(self) -> Worker:
        """The background process: every kind of job with who does it."""
        insights = Insights(
            username=self.settings.at_username,
            api_key=self.settings.at_api_key.get_secret_value(),
            base_url=self.settings.at_insights_url,
        )
        handlers = {
            **market_jobs.jobs(database=self.database),
            **player_jobs.jobs(database=self.database),
            **seal_jobs.jobs(database=self.database, witnesses=self.settings.seal_witnesses),
            **watch_jobs.jobs(database=self.database),
            **watcher_jobs.jobs(database=self.database),
            **sms.jobs.jobs(
                database=self.database,
                route=Route(self.database, sms_senders(self.settings)),
                pepper=self.settings.pepper,
                pace=self.pace,
            ),
            **sms.sim_swap.jobs(database=self.database, insights=insights),
            **payments.jobs.jobs(
                database=self.database,
                mpesa=self.mpesa,
                pull=self.pull,
                budget=self.budget,
                settings=self.settings,
            ),
        }
        return Worker(self.database, handlers, on_set_aside=call_for_job)

    def open_worker(self) -> Worker:
        """The same, with its days begun."""
        payments.statement_desk.begin(self.database)
        self._begin()
        return self.worker()

    def rest(self, *, every: timedelta = EACH) -> Callable[[float], None]:
        """How the worker waits: it sweeps the funnel, and wakes up when a hop has left work."""
        waking = sweep_between(listen_for_work(self.redis), Funnel(self.redis))
        return watch_jobs.begin_between(waking, self._begin, every=every)

    def _begin(self) -> None:
        """Ask for what must never end, also after a worker of the release before set it aside."""
        player_jobs.begin(self.database)
        seal_jobs.begin(self.database)
        watch_jobs.begin(self.database)
        watcher_jobs.begin(self.database)
        if self.settings.infobip_base_url:
            sms.jobs.begin(self.database)


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
            database=database, redis_client=wiring.redis, counts=(Funnel(wiring.redis), wiring.pace)
        )
    )
    app.register_blueprint(public_ledger.blueprint(database=database, settings=settings))
    app.register_blueprint(
        staff_page.blueprint(
            database=database,
            settings=settings,
            redis_client=wiring.redis,
            ask=open_ask_now(database, settings, wiring.redis),
            preview_market=preview_market,
            screens=Funnel(wiring.redis).read,
        )
    )
    _add_commands(app, wiring)
    app.wsgi_app = few_at_once(in_time(app.wsgi_app))  # type: ignore[assignment,method-assign]
    return app


def _say_nothing_of_the_path(error: Exception) -> HTTPException | tuple[str, int]:
    # Flask would log the path, and the callbacks' paths hold secrets and tokens.
    if isinstance(error, HTTPException):
        return error
    log.error("request_failed", endpoint=request.endpoint, exc_info=error)
    return "", 500


def _add_commands(app: Flask, wiring: Wiring) -> None:
    settings, database = wiring.settings, wiring.database
    query = patient_query(mpesa=wiring.mpesa, budget=wiring.budget)
    require_engines = partial(_require_engines, wiring)
    pull = partial(pull_statement, database=database, source=wiring.pull)
    for command in (
        staff.group(database=database, settings=settings),
        markets.group(database=database, settings=settings),
        players.group(database=database),
        deposits.group(database=database),
        withdrawals.group(database=database),
        ledger.group(database=database),
        audit.group(database=database),
        config.group(database=database, settings=settings),
        switches.group(database=database),
        alarms.group(database=database),
        jobs.group(database=database),
        sms_messages.group(database=database),
        suspense.group(database=database),
        paybill.group(database=database, register=registrar(mpesa=wiring.mpesa, settings=settings)),
        ussd.commands.group(settings=settings),
        ussd.terminal.commands.command(
            settings=settings,
            database=database,
            open_client=app.test_client,
            require_engines=require_engines,
        ),
        statements.group(
            database=database,
            read=read_statement,
            pull=pull,
            settings=settings,
            register=partial(register_pull, wiring.pull, settings.public_url),
        ),
        reconcile.command(
            database=database,
            query=query,
            ask_status=wiring.status_desk.ask_about_all,
            pull=pull,
            settings=settings,
        ),
        worker_command(
            open_worker=wiring.open_worker, rest=wiring.rest, require_engines=require_engines
        ),
        web_command(settings=settings, require_engines=require_engines),
    ):
        app.cli.add_command(command)


def _require_engines(wiring: Wiring) -> None:
    faults = list(health.find_faults(database=wiring.database, redis_client=wiring.redis))
    if faults:
        exit_saying("; ".join(faults))
    refuse_demo_admins(database=wiring.database, settings=wiring.settings)


def _settings_or_exit() -> Settings:
    try:
        return load_settings()
    except WrongSettings as fault:
        exit_saying(str(fault))
