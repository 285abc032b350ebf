"""Nobody has resolved a market by its deadline, so the system gives every stake back."""

from sqlalchemy import Connection, func

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.markets.deadline import is_undecided
from core.markets.market import Market, get_market, lock_market
from core.markets.plan import ask_to_settle, freeze_plan
from core.markets.records import market
from core.markets.rules import MarketStatus, Outcome
from core.staff.records import MARKET_ROLES
from core.switches.records import ensure_running
from core.switches.rules import Switch


def void_unresolved(connection: Connection, *, market_id: int) -> Market:
    """Void a market whose deadline has passed, and freeze the plan, which the worker pays.

    Otherwise, and on a repeat, changes nothing. Raises NoSuchMarket, or Stopped.
    """
    found = lock_market(connection, market_id=market_id)
    late = found.deadline is not None and found.as_of >= found.deadline
    if not (is_undecided(found) and late):
        return found
    ensure_running(connection, kind=Switch.SETTLEMENTS)
    voiding = {
        "status": MarketStatus.VOIDING,
        "voided_by_system": True,
        "resolved_at": func.kibeezy_now(),
        "outcome": Outcome.VOID,
    }
    connection.execute(market.update().where(market.c.id == market_id).values(voiding))
    subject = f"market:{market_id}"
    record(
        connection,
        actor="system",
        act="market.voided",
        subject=subject,
        why="deadline",
        before={"status": found.status},
        after={"status": MarketStatus.VOIDING},
    )
    freeze_plan(connection, market_id=market_id, outcome=Outcome.VOID)
    ask_to_settle(connection, market=found)
    why = f"Market {market_id} was voided: nobody resolved it in time."
    raise_alarm(connection, kind="market_voided", subject=subject, why=why, roles=MARKET_ROLES)
    return get_market(connection, market_id=market_id)
