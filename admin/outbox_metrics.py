"""What Prometheus is told of jobs, and of SMS among them; what waits is read once."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, text

from core.outbox.records import BACKGROUND, BULK, NORMAL, URGENT

_SMS: Final = {"send_sms", "send_code"}
_PRIORITIES: Final = {
    URGENT: "urgent",
    NORMAL: "normal",
    BULK: "bulk",
    BACKGROUND: "background",
}
_JOBS: Final = text(
    "SELECT kind, priority, count(*) FILTER (WHERE set_aside_at IS NULL"
    " AND (due_at <= kibeezy_now() OR last_error IS NOT NULL)) AS waiting,"
    " count(set_aside_at) AS set_aside FROM outbox WHERE done_at IS NULL GROUP BY kind, priority"
)


def outbox_metrics(connection: Connection) -> Iterator[Metric]:
    """What waits and what was set aside by kind, and SMS that wait by priority.

    Each label of waiting SMS is always there, at nought.
    """
    waiting, set_aside, sms = Counter[str](), Counter[str](), Counter[int]()
    for row in connection.execute(_JOBS):
        waiting[row.kind] += row.waiting
        set_aside[row.kind] += row.set_aside
        sms[row.priority] += row.waiting if row.kind in _SMS else 0
    for name, told, jobs in (
        ("waiting", "Jobs to do.", waiting),
        ("set_aside", "Poison.", set_aside),
    ):
        gauge = GaugeMetricFamily(f"kibeezy_outbox_{name}", told, labels=["kind"])
        for kind, number in jobs.items():
            gauge.add_metric([kind], number)
        yield gauge
    due = GaugeMetricFamily("kibeezy_sms_waiting", "SMS that are due.", labels=["priority"])
    for priority, word in _PRIORITIES.items():
        due.add_metric([word], sms[priority])
    yield due
