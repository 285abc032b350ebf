"""What SMS cost, what they may still cost, and how many arrive."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import render_template
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


@dataclass(frozen=True)
class Seen:
    """What the page shows: the costs of the month, and the rest as of now."""

    today: date
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
        """Today, this month, by kind and by day."""
        seen = self.site.read(_read)
        of_today = [each for each in seen.costs if each.day == seen.today]
        return render_template(
            "staff/sms_costs.html",
            seen=seen,
            today=_sums(of_today, lambda _each: "Today"),
            month=_sums(seen.costs, lambda _each: "This month"),
            kinds=_sums(seen.costs, lambda each: words.kind_in_words(each.kind)),
            days=list(reversed(_sums(seen.costs, lambda each: each.day))),
            network_name=network_name,
        )


def _read(connection: Connection) -> Seen:
    be_patient(connection)
    moment = now(connection)
    today = in_nairobi(moment).date()
    since_first: timedelta = moment - midnight(today.replace(day=1))
    return Seen(
        today=today,
        costs=costs(connection, within=since_first),
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
