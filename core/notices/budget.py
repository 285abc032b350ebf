"""Budgets of what costs money when somebody pumps it: counted where it is asked for."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.notices.records import sms_budget


class Budget(NamedTuple):
    """So many of something from one moment until another."""

    scope: str
    since: datetime
    until: datetime
    most: int


def spend(connection: Connection, *, budgets: Sequence[Budget]) -> Budget | None:
    """Count one against each of these budgets; returns the first that is used up, or None.

    In one statement, which locks them in the order given until the transaction ends: the widest
    comes last, and its lock is held only for what is left to do. What is used up stays as it is.
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
    return next((budget for budget in budgets if budget.scope not in left), None)
