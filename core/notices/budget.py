"""Budgets of what costs money when somebody pumps it: counted where it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, text, tuple_
from sqlalchemy.dialects.postgresql import insert

from core.clock import next_time
from core.notices.records import sms_budget

_BUDGETS: Final = text(
    """
    SELECT scope, since, spent, most FROM sms_budget
    WHERE spent > 0 AND (
        since = date_trunc('day', kibeezy_now(), 'Africa/Nairobi')
        OR since = date_trunc('hour', kibeezy_now(), 'Africa/Nairobi'))
    ORDER BY spent::float / most DESC, scope
    """
)


class Budget(NamedTuple):
    """So many of something from one moment until another."""

    scope: str
    since: datetime
    until: datetime
    most: int


def budget_of_day(scope: str, *, moment: datetime, most: int) -> Budget:
    """The budget of the moment's day in Nairobi."""
    tomorrow = next_time(moment, at=time(0))
    return Budget(scope, tomorrow - timedelta(days=1), tomorrow, most)


@dataclass(frozen=True)
class Spent:
    """What is spent of a budget that counts now."""

    scope: str
    since: datetime
    spent: int
    most: int


def spend(connection: Connection, *, budgets: Sequence[Budget]) -> Budget | None:
    """Count one against each of these budgets; returns the first that is used up, or None.

    In one statement, which locks them in the order given until the transaction ends: the widest
    comes last, and its lock is held only for what is left to do. Where one is used up none of them
    counts: else one block's asking, which costs nothing any more, would use up everybody's day.
    """
    rows = [
        {"scope": budget.scope, "since": budget.since, "most": budget.most} for budget in budgets
    ]
    row = insert(sms_budget).values(rows)
    counted = row.on_conflict_do_update(
        index_elements=["scope", "since"],
        set_={"spent": sms_budget.c.spent + 1, "most": row.excluded.most},
        where=sms_budget.c.spent < row.excluded.most,
    )
    left = set(connection.execute(counted.returning(sms_budget.c.scope)).scalars())
    used_up = next((budget for budget in budgets if budget.scope not in left), None)
    if used_up is not None:
        _give_back(connection, [budget for budget in budgets if budget.scope in left])
    return used_up


def budgets_now(connection: Connection) -> Sequence[Spent]:
    """The budgets of this day and this hour that anything was spent of, the fullest first."""
    rows = connection.execute(_BUDGETS)
    return [Spent(row.scope, row.since, row.spent, row.most) for row in rows]


def _give_back(connection: Connection, counted: Sequence[Budget]) -> None:
    if counted:
        these = [(budget.scope, budget.since) for budget in counted]
        change = sms_budget.update().where(
            tuple_(sms_budget.c.scope, sms_budget.c.since).in_(these)
        )
        connection.execute(change.values(spent=sms_budget.c.spent - 1))
