"""When the worker fetches a statement by itself: each morning, and while one alone can tell."""

from datetime import time, timedelta
from typing import Final

from sqlalchemy import Connection, exists, func, select

from core.clock import in_nairobi, next_time
from core.database import now
from core.deposits.records import deposit
from core.deposits.rules import DepositState
from core.outbox.records import BACKGROUND, ask
from core.paybill.records import PaybillState, paybill_payment
from core.paybill.rules import LATE_AFTER

DAILY_AT: Final = time(5, 30)


def ask_for_next_day(connection: Connection) -> None:
    """Ask for the next reconciliation at 05:30 in Nairobi; one a day, however often it is asked."""
    due = next_time(now(connection), at=DAILY_AT)
    key = f"reconcile_daily:{due:%Y-%m-%d}"
    ask(connection, kind="reconcile_daily", key=key, at=due, priority=BACKGROUND)


def ask_for_next_hour(connection: Connection) -> None:
    """Ask for a look, at the next full hour, whether one is needed; one an hour."""
    here = in_nairobi(now(connection))
    due = here.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    key = f"pull_statement:{due:%Y-%m-%dT%H}"
    ask(connection, kind="pull_statement", key=key, at=due, priority=BACKGROUND)


def needs_a_statement(connection: Connection) -> bool:
    """Whether only a statement can tell: of a push without an id, of a payment long unproven."""
    lost = exists().where(deposit.c.state == DepositState.SUBMIT_UNKNOWN)
    unproven = exists().where(
        paybill_payment.c.state == PaybillState.HEARD,
        paybill_payment.c.heard_at < select(func.kibeezy_now() - LATE_AFTER).scalar_subquery(),
    )
    return bool(connection.execute(select(lost | unproven)).scalar_one())
