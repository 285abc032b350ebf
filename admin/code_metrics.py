"""What Prometheus is told: which SMS wait, whether codes are typed back, what is spent."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection, text

from core.notices.answering import STRANGERS
from core.outbox.records import BACKGROUND, BULK, NORMAL, URGENT
from core.players.code_budget import NEW, PROVEN
from core.players.code_figures import budgets_now, conversions

_PRIORITIES: Final = {
    URGENT: "urgent",
    NORMAL: "normal",
    BULK: "bulk",
    BACKGROUND: "background",
}
_WAITING: Final = text(
    "SELECT priority, count(*) AS n FROM outbox"
    " WHERE kind IN ('send_sms', 'send_code') AND done_at IS NULL AND set_aside_at IS NULL"
    " AND due_at <= kibeezy_now() GROUP BY priority"
)
# One of many blocks would be a label of its own; the fullest stands for all.
_BLOCKS: Final = "block"
_BUDGETS: Final = (NEW, PROVEN, STRANGERS, _BLOCKS)


def code_metrics(connection: Connection) -> Iterator[Metric]:
    """Read when somebody asks; each label is always there, at nought."""
    waiting = {row.priority: row.n for row in connection.execute(_WAITING)}
    gauge = GaugeMetricFamily("kibeezy_sms_waiting", "SMS that are due.", labels=["priority"])
    for priority, word in _PRIORITIES.items():
        gauge.add_metric([word], waiting.get(priority, 0))
    yield gauge
    blocks = conversions(connection)
    sent, used = sum(block.sent for block in blocks), sum(block.used for block in blocks)
    yield GaugeMetricFamily("kibeezy_codes_sent", "Of an hour, ten minutes ago.", value=sent)
    yield GaugeMetricFamily("kibeezy_codes_used", "Those that were typed back.", value=used)
    spent = dict.fromkeys(_BUDGETS, 0.0)
    for budget in budgets_now(connection):
        name = _BLOCKS if ":" in budget.scope else budget.scope
        spent[name] = max(spent.get(name, 0.0), budget.spent / budget.most)
    gauge = GaugeMetricFamily("kibeezy_sms_budget_spent", "1 if used up.", labels=["budget"])
    for name, share in spent.items():
        gauge.add_metric([name], share)
    yield gauge
