"""What Prometheus is told of SMS: lately and now, so that it costs the same after millions."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, text

from core.carriers.rules import Carrier
from core.notices.delivery import QUANTILES, Delivery, count_lately, deliveries
from core.notices.networks import NETWORKS, network_name

HOUR: Final = timedelta(hours=1)
_PATH: Final = ["provider", "network"]
_CARRIER: Final = text("SELECT carrier, forced_by IS NOT NULL AS forced FROM sms_route")
_FAILURES: Final = text(
    "SELECT carrier, reason, count(*) AS n FROM sms_failure"
    " WHERE at > kibeezy_now() - interval '15 minutes' GROUP BY carrier, reason"
)


def sms_metrics(connection: Connection) -> Iterator[Metric]:
    """What was queued or reported within the hour, times to deliver, and who carries."""
    lately = count_lately(connection, within=HOUR)
    states = GaugeMetricFamily("kibeezy_sms", "Queued in the last hour.", labels=["state"])
    for state, messages in lately.by_status.items():
        states.add_metric([state], messages)
    yield states
    yield GaugeMetricFamily(
        "kibeezy_sms_parts_differ",
        "Queued in the last hour, of more or fewer parts than we counted.",
        value=lately.parts_differ,
    )
    yield GaugeMetricFamily(
        "kibeezy_sms_reports_unknown",
        "Reports of the last hour whose status nobody knows.",
        value=lately.reports_unheard_of,
    )
    yield from _deliveries(deliveries(connection, within=HOUR))
    yield from _carriers(connection)


def _deliveries(found: list[Delivery]) -> Iterator[Metric]:
    ended = GaugeMetricFamily(
        "kibeezy_sms_ended", "Reported in the last hour.", labels=[*_PATH, "state"]
    )
    took = GaugeMetricFamily(
        "kibeezy_sms_delivery_seconds",
        "From the provider's yes to the report, of the last hour.",
        labels=[*_PATH, "quantile"],
    )
    counts: Counter[tuple[str, str, str]] = Counter()
    for one in found:
        provider, network = one.provider or "", network_name(one.network)
        known = one.network is None or one.network in NETWORKS
        # A code without a name could be anything, and each would be a series for ever.
        told = network if known else "other"
        counts[provider, told, "delivered"] += one.delivered
        counts[provider, told, "undelivered"] += one.undelivered
        for quantile, seconds in zip(QUANTILES, one.seconds, strict=False) if known else ():
            took.add_metric([provider, network, str(quantile)], seconds)
    for path, messages in counts.items():
        ended.add_metric(path, messages)
    yield from (ended, took)


def _carriers(connection: Connection) -> Iterator[Metric]:
    now = connection.execute(_CARRIER).one()
    carries = GaugeMetricFamily(
        "kibeezy_sms_carrier", "1 for whoever carries the SMS.", labels=["provider"]
    )
    for carrier in Carrier:
        carries.add_metric([carrier], float(now.carrier == carrier))
    failures = GaugeMetricFamily(
        "kibeezy_sms_failures_lately", "In 15 minutes.", labels=["provider", "reason"]
    )
    for row in connection.execute(_FAILURES):
        failures.add_metric([row.carrier, row.reason], row.n)
    forced = GaugeMetricFamily("kibeezy_sms_carrier_forced", "1 if a person decided it.")
    forced.add_metric([], float(now.forced))
    yield from (carries, failures, forced)
