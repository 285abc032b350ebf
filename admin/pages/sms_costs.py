"""What SMS cost, what they may still cost, and how many arrive."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Final

from flask import render_template, request
from sqlalchemy import Connection

from admin.access import EVERYBODY
from admin.drawing import message_words as words
from admin.site import Site
from core.clock import in_nairobi
from core.database import be_patient, now
from core.notices.budget import Spent, budgets_now
from core.notices.costs import Cost, costs
from core.notices.delivery import Delivery, deliveries
from core.notices.networks import network_name
from core.players.code_figures import Conversion, conversions
from core.reports.days import midnight


@dataclass
class Sum:
    """Of some messages in one currency, None where they had no price."""

    of: object
    currency: str | None
    messages: int = 0
    parts: int = 0
    total: Decimal = Decimal(0)


# What is summed: the price of each SMS is read, so a month of millions takes seconds.
SPANS: Final = {"today": "Today", "week": "Last 7 days", "month": "This month"}


@dataclass(frozen=True)
class Seen:
    """What the page shows: the costs of a span, and the rest as of now."""

    costs: list[Cost]
    budgets: list[Spent]
    codes: list[Conversion]
    deliveries: list[Delivery]


@dataclass(frozen=True)
class SmsCosts:
    """The page."""

    site: Site

    def register(self) -> None:
        """Add it."""
        self.site.page("/messages/costs", self.sms_costs, roles=EVERYBODY)

    def sms_costs(self) -> str:
        """Of today, of a week or of this month, by kind and by day."""
        span = request.args.get("span", "today")
        seen = self.site.read(lambda c: _read(c, span))
        words_of_span = SPANS.get(span, SPANS["today"])
        return render_template(
            "staff/sms_costs.html",
            seen=seen,
            spans=SPANS,
            span=span,
            whole=_sums(seen.costs, lambda _each: words_of_span),
            kinds=_sums(seen.costs, lambda each: words.kind_in_words(each.kind)),
            days=list(reversed(_sums(seen.costs, lambda each: each.day))),
            network_name=network_name,
        )


def _read(connection: Connection, span: str) -> Seen:
    be_patient(connection)
    moment = now(connection)
    today = in_nairobi(moment).date()
    match span:
        case "month":
            first = today.replace(day=1)
        case "week":
            first = today - timedelta(days=6)
        case _:
            first = today
    return Seen(
        costs=costs(connection, within=moment - midnight(first)),
        budgets=list(budgets_now(connection)),
        codes=list(conversions(connection)),
        deliveries=deliveries(connection, within=timedelta(hours=24)),
    )


def _sums(listed: Iterable[Cost], of: Callable[[Cost], object]) -> list[Sum]:
    sums: defaultdict[tuple[object, str | None], Sum] = defaultdict(lambda: Sum("", None))
    for cost in listed:
        key = (of(cost), cost.currency)
        one = sums.setdefault(key, Sum(*key))
        one.messages += cost.messages
        one.parts += cost.parts
        one.total += cost.total
    return list(sums.values())
