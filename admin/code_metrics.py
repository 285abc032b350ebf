"""What Prometheus is told of codes and budgets: what is typed back, and what is spent."""

from collections.abc import Iterator
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from sqlalchemy import Connection

from core.notices.answering import STRANGERS
from core.notices.budget import budgets_now
from core.players.code_budget import NEW, PROVEN
from core.players.code_figures import conversions

# One of many blocks would be a label of its own; the fullest stands for all.
_BLOCKS: Final = "block"
_BUDGETS: Final = (NEW, PROVEN, STRANGERS, _BLOCKS)


def code_metrics(connection: Connection) -> Iterator[Metric]:
    """Read when somebody asks; each label is always there, at nought."""
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
