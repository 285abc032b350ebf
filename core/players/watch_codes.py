"""Use case: codes that nobody types back, and budgets that run out, call for a person."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, exists, or_, select

from core.alarms.raise_alarm import raise_alarm
from core.alarms.records import alarm
from core.database import now
from core.notices.budget import Spent, budgets_now
from core.players.code_figures import Conversion, conversions

# Most people type the code they asked for. Where fewer than so many do, the codes do not arrive,
# or nobody waits for them.
FEWEST_USED_PERCENT: Final = 30
# Fewer codes than these say nothing.
FEWEST_SENT: Final = 20
# There is time to act before the first player is refused.
NEARLY_SPENT_PERCENT: Final = 80
CONVERSION: Final = "code_conversion"
BUDGET: Final = "sms_budget"
_HOUR: Final = timedelta(hours=1)


def watch_codes(connection: Connection) -> None:
    """Raise an alarm for an hour of codes that were not typed back, and for each full budget.

    Each once: while its alarm is open, and for what it was raised about, a repeat adds nothing.
    """
    _watch_conversion(connection, conversions(connection))
    _watch_budgets(connection, budgets_now(connection))


def _watch_conversion(connection: Connection, blocks: Sequence[Conversion]) -> None:
    everywhere = Conversion(
        "all", sum(block.sent for block in blocks), sum(block.used for block in blocks)
    )
    wanting = [each for each in (everywhere, *blocks) if _is_wanting(each)]
    if wanting:
        worst = next((each for each in wanting if each is not everywhere), blocks[0])
        why = (
            f"In an hour {everywhere.sent} codes were sent, {everywhere.used} typed back."
            f" Worst: {worst.block}, {worst.sent} and {worst.used}."
        )
        since = now(connection) - _HOUR
        _call(connection, kind=CONVERSION, subject="codes", why=why, since=since)


def _is_wanting(codes: Conversion) -> bool:
    return codes.sent >= FEWEST_SENT and codes.used * 100 < codes.sent * FEWEST_USED_PERCENT


def _watch_budgets(connection: Connection, budgets: Sequence[Spent]) -> None:
    full = [each for each in budgets if each.spent * 100 >= each.most * NEARLY_SPENT_PERCENT]
    blocks = [each for each in full if ":" in each.scope]
    for budget in [each for each in full if each not in blocks] + blocks[:1]:
        scope, _colon, block = budget.scope.partition(":")
        others = f" So are {len(blocks) - 1} other blocks." if block and len(blocks) > 1 else ""
        why = (
            f"SMS budget {scope} {block or 'of the day'}:"
            f" {budget.spent} of {budget.most} spent.{others}"
        )
        subject = f"{scope}:blocks" if block else scope
        _call(connection, kind=BUDGET, subject=subject, why=why, since=budget.since)


def _call(connection: Connection, *, kind: str, subject: str, why: str, since: datetime) -> None:
    known = exists().where(
        alarm.c.kind == kind,
        alarm.c.subject == subject,
        or_(alarm.c.taken_at.is_(None), alarm.c.raised_at >= since),
    )
    if not connection.execute(select(known)).scalar_one():
        raise_alarm(connection, kind=kind, subject=subject, why=why)
