"""The tables of who carries and of what failed, and reading them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    Identity,
    Index,
    Integer,
    Row,
    Table,
    Text,
    func,
    select,
    text,
)

from core.carriers.rules import (
    LATENCY_WINDOW,
    PROBE_WINDOW,
    PROVIDER_AT_FAULT,
    REPORTS_WITHIN,
    SLOW_AFTER,
    WINDOW,
    Carrier,
    Standing,
    Tally,
)
from core.database import metadata

sms_route = Table(
    "sms_route",
    metadata,
    Column("only_row", Boolean, primary_key=True, server_default="true"),
    Column("carrier", Text, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("why", Text, nullable=False),
    Column("forced_by", Text),
    Column("stay_minutes", Integer, nullable=False),
    Column("probe_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column(
        "hurried_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
sms_failure = Table(
    "sms_failure",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("carrier", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
)
Index("sms_failure_lately", sms_failure.c.at)

# The moment stands in a query of its own, for one that is asked of each row leads to no index; and
# the newest is asked for, or a report is looked for from the first SMS on.
_TALLY: Final = text(
    """
    WITH lately AS (
        SELECT accepted_at,
            status = 'undelivered' AND coalesce(failure = ANY(:faults), false) AS at_fault,
            accepted_at > :latency_since AND accepted_at < kibeezy_now() - :slow_after AS is_due,
            status NOT IN ('delivered', 'undelivered')
                OR reported_at > accepted_at + :slow_after AS is_slow
        FROM sms_out
        WHERE provider = :carrier AND accepted_at > least(:since, :latency_since)
    ), told AS (
        SELECT (
            SELECT true FROM sms_out
            WHERE provider = :carrier AND accepted_at > (SELECT kibeezy_now()) - :reports_within
              AND status IN ('delivered', 'undelivered')
            ORDER BY accepted_at DESC LIMIT 1) IS NOT NULL AS reports
    ), counted AS (
        SELECT count(*) FILTER (WHERE NOT at_fault AND accepted_at > :since) AS accepted,
            count(*) FILTER (WHERE at_fault AND accepted_at > :since) AS faults,
            count(*) FILTER (WHERE reports AND is_due) AS judged,
            count(*) FILTER (WHERE reports AND is_due AND is_slow) AS slow,
            coalesce(max(accepted_at) FILTER (WHERE NOT at_fault), :since) AS last_at
        FROM told LEFT JOIN lately ON true
    )
    SELECT accepted, faults + count(at) AS failures, judged, slow,
        count(at) FILTER (WHERE at > last_at) AS in_a_row
    FROM counted LEFT JOIN sms_failure ON carrier = :carrier AND at > :since
    GROUP BY accepted, faults, judged, slow, last_at
    """
)


@dataclass(frozen=True)
class Carried:
    """Who carries the SMS, since when and why; `forced_by` is who decided it, `at` is now."""

    carrier: Carrier
    since: datetime
    why: str
    forced_by: str | None
    stay: timedelta
    probe_at: datetime
    at: datetime

    @property
    def standing(self) -> Standing:
        """The same as the rules see it."""
        return Standing(
            self.carrier, self.at - self.since, self.stay, forced=self.forced_by is not None
        )


def who_carries(connection: Connection) -> Carried:
    """Who carries now."""
    return _carried(connection.execute(_NOW).one())


def lock_route(connection: Connection) -> Carried:
    """The same; until the transaction ends nobody else changes it."""
    return _carried(connection.execute(_NOW.with_for_update()).one())


def tally_of(connection: Connection, *, carrier: Carrier, carried: Carried) -> Tally:
    """What happened with a provider lately, and never before the last change."""
    span = WINDOW if carrier is carried.carrier else PROBE_WINDOW
    latency_span = LATENCY_WINDOW if carrier is carried.carrier else PROBE_WINDOW
    given = {
        "carrier": carrier,
        "since": max(carried.since, carried.at - span),
        "latency_since": max(carried.since, carried.at - latency_span),
        "slow_after": SLOW_AFTER,
        "reports_within": REPORTS_WITHIN,
        "faults": list(PROVIDER_AT_FAULT),
    }
    row = connection.execute(_TALLY, given).one()
    return Tally(row.accepted, row.failures, row.judged, row.slow, row.in_a_row)


def _carried(row: Row[*tuple[Any, ...]]) -> Carried:
    return Carried(
        Carrier(row.carrier),
        row.since,
        row.why,
        row.forced_by,
        timedelta(minutes=row.stay_minutes),
        row.probe_at,
        row.at,
    )


_NOW = select(sms_route, func.kibeezy_now().label("at"))
