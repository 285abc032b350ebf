"""When the worker fetches a statement by itself: each morning, and while a push is lost."""

from datetime import datetime, time, timedelta
from typing import Final

from sqlalchemy import Connection, exists, select

from core.clock import NAIROBI, in_nairobi
from core.database import now
from core.deposits.records import deposit
from core.deposits.rules import DepositState
from core.outbox.records import BACKGROUND, ask

DAILY_AT: Final = time(5, 30)


def ask_for_next_day(connection: Connection) -> None:
    """Ask for the next reconciliation at 05:30 in Nairobi; one a day, however often it is asked."""
    due = _next_morning(in_nairobi(now(connection)))
    key = f"reconcile_daily:{due:%Y-%m-%d}"
    ask(connection, kind="reconcile_daily", key=key, at=due, priority=BACKGROUND)


def ask_for_next_hour(connection: Connection) -> None:
    """Ask for a look, at the next full hour, whether a push is lost; one an hour."""
    here = in_nairobi(now(connection))
    due = here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    key = f"pull_statement:{due:%Y-%m-%dT%H}"
    ask(connection, kind="pull_statement", key=key, at=due, priority=BACKGROUND)


def is_a_push_lost(connection: Connection) -> bool:
    """Whether a deposit has no provider's id to ask about, so that only a statement can tell."""
    lost = exists().where(deposit.c.state == DepositState.SUBMIT_UNKNOWN)
    return bool(connection.execute(select(lost)).scalar_one())


def _next_morning(here: datetime) -> datetime:
    today = datetime.combine(here.date(), DAILY_AT, NAIROBI)
    return today if here < today else today + timedelta(days=1)
