"""What load balancers and Prometheus ask."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache

from alembic.config import Config
from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import SQLAlchemyError

from admin.code_metrics import code_metrics
from admin.outbox_metrics import outbox_metrics
from admin.sms_metrics import sms_metrics
from core.seal.head import is_behind_the_chain, last_blocks, oldest_unsealed_seconds
from core.watch.records import Standing, State, list_standings

_STATES = {
    "kibeezy_deposits": text("SELECT state AS label, count(*) AS n FROM deposit GROUP BY state"),
    "kibeezy_deposits_in_review": text(
        "SELECT state AS label, count(*) AS n FROM deposit WHERE review IS NOT NULL GROUP BY state"
    ),
    "kibeezy_withdrawals": text(
        "SELECT state AS label, count(*) AS n FROM withdrawal GROUP BY state"
    ),
    "kibeezy_paybill_payments": text(
        "SELECT state AS label, count(*) AS n FROM paybill_payment GROUP BY state"
    ),
    "kibeezy_markets": text("SELECT status AS label, count(*) AS n FROM market GROUP BY status"),
}
_ALARMS = text("SELECT kind, count(*) AS n FROM alarm WHERE taken_at IS NULL GROUP BY kind")
_SWITCHES = text("SELECT kind, (stopped_at IS NOT NULL)::integer AS stopped FROM switch")


def blueprint(
    *, database: Engine, redis_client: Redis, counts: Iterable[Collector] = ()
) -> Blueprint:
    """`/healthz`, `/readyz` and `/metrics`, there also what others count over all processes."""
    collectors = (_Stored(database), *counts)
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def alive() -> Response:
        return jsonify(status="up")

    @routes.get("/readyz")
    def ready() -> tuple[Response, int]:
        faults = list(find_faults(database=database, redis_client=redis_client))
        if faults:
            return jsonify(status="not ready", faults=faults), 503
        return jsonify(status="ready"), 200

    @routes.get("/metrics")
    def metrics() -> Response:
        registry = CollectorRegistry()
        for collector in collectors:
            registry.register(collector)
        body = generate_latest(REGISTRY) + generate_latest(registry)
        return Response(body, content_type=CONTENT_TYPE_LATEST)

    return routes


def find_faults(*, database: Engine, redis_client: Redis) -> Iterator[str]:
    """What keeps the service from working, each in a few words.

    A database that is ahead of the code is no fault: while a release goes out, the old code
    works on.
    """
    try:
        with database.connect() as connection:
            at = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        head, *before = known_migrations()
        if at is None or at in before:
            yield f"migrations: the database is at {at}, the code needs {head}"
        elif _is_behind_its_seal(database):
            yield "seal: it is ahead of this database, which came from a dump (docs/deployment.md)"
    except SQLAlchemyError:
        yield "database: cannot be reached or was never migrated"
    try:
        redis_client.ping()
    except RedisError:
        yield "redis: cannot be reached"


@cache
def known_migrations() -> tuple[str, ...]:
    """Every revision that this code knows, the newest first."""
    scripts = ScriptDirectory.from_config(Config("alembic.ini"))
    return tuple(script.revision for script in scripts.walk_revisions())


class _Stored(Collector):
    """Counts of what is in the tables, read when somebody asks."""

    def __init__(self, database: Engine) -> None:
        self._database = database

    def collect(self) -> Iterator[Metric]:
        with self._database.connect() as connection:
            for name, query in _STATES.items():
                gauge = GaugeMetricFamily(name, "Rows by state.", labels=["state"])
                for row in connection.execute(query):
                    gauge.add_metric([row.label], row.n)
                yield gauge
            alarms = GaugeMetricFamily("kibeezy_alarms_open", "Nobody's yet.", labels=["kind"])
            for row in connection.execute(_ALARMS):
                alarms.add_metric([row.kind], row.n)
            stopped = GaugeMetricFamily("kibeezy_switch_stopped", "1 if stopped.", labels=["kind"])
            for row in connection.execute(_SWITCHES):
                stopped.add_metric([row.kind], row.stopped)
            yield from (alarms, stopped)
            yield from outbox_metrics(connection)
            yield from sms_metrics(connection)
            yield from code_metrics(connection)
            yield from _seal(connection)
            yield from _watched(list_standings(connection))


def _seal(connection: Connection) -> Iterator[Metric]:
    blocks = sum(head.number for head in last_blocks(connection, limit=1))
    yield GaugeMetricFamily("kibeezy_seal_blocks", "Blocks of the chain.", value=blocks)
    yield GaugeMetricFamily(
        "kibeezy_seal_oldest_unsealed_seconds",
        "How long the oldest transfer has waited for its block.",
        value=oldest_unsealed_seconds(connection),
    )


def _is_behind_its_seal(database: Engine) -> bool:
    with database.connect() as connection:
        return is_behind_the_chain(connection)


def _watched(standings: Sequence[Standing]) -> Iterator[Metric]:
    """Of each invariant; 0 is the year 1970, for one that nobody has looked at."""
    values: dict[tuple[str, str], Callable[[Standing], float]] = {
        ("holds", "1 if it was seen to hold, and lately."): lambda one: one.state is State.HOLDS,
        ("broken", "1 if it was seen twice not to hold."): lambda one: one.state is State.BROKEN,
        ("violations", "What breaks it."): lambda one: one.violations,
        ("checked_at", "The last look that ended."): lambda one: _moment(one.checked_at),
        ("due_at", "The next look."): lambda one: _moment(one.due_at),
        ("duration_seconds", "Of the last look."): lambda one: one.seconds,
    }
    for (name, told), value in values.items():
        gauge = GaugeMetricFamily(f"kibeezy_invariant_{name}", told, labels=["name"])
        for one in standings:
            gauge.add_metric([one.name], float(value(one)))
        yield gauge


def _moment(moment: datetime | None) -> float:
    return 0.0 if moment is None else moment.timestamp()
