"""A market stops taking bets: on time, or because an admin says so."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.markets.deadline import keep_deadline, resolution_time
from core.markets.market import Market, get_market, lock_market
from core.markets.records import market
from core.markets.rules import BEFORE_CLOSING, MarketStatus, WrongState
from core.staff.records import MARKET_ROLES, Admin


def close_market(connection: Connection, *, market_id: int, by: Admin) -> Market:
    """Take no more bets; from now on the result has its deadline.

    Raises NoSuchMarket, NotAllowed, or WrongState (also on a repeat).
    """
    by.ensure_role(MARKET_ROLES)
    found = lock_market(connection, market_id=market_id)
    ensure_closable(found)
    return _close(connection, found, actor=by.email)


def ensure_closable(found: Market) -> None:
    """Raise WrongState unless bets are or were taken until now."""
    if found.status not in BEFORE_CLOSING:
        raise WrongState(found.id, found.status)


def close_on_time(connection: Connection, *, market_id: int) -> Market:
    """Close a market whose closing time has passed; otherwise, and on a repeat, change nothing.

    Raises NoSuchMarket.
    """
    found = lock_market(connection, market_id=market_id)
    if found.status not in BEFORE_CLOSING or found.as_of < found.closes_at:
        return found
    return _close(connection, found, actor="system")


def _close(connection: Connection, found: Market, *, actor: str) -> Market:
    closing = {
        "status": MarketStatus.CLOSED,
        "closed_at": func.kibeezy_now(),
        "resolve_by": func.kibeezy_now() + resolution_time(connection),
    }
    connection.execute(market.update().where(market.c.id == found.id).values(closing))
    record(
        connection,
        actor=actor,
        act="market.closed",
        subject=f"market:{found.id}",
        before={"status": found.status},
        after={"status": MarketStatus.CLOSED},
    )
    closed = get_market(connection, market_id=found.id)
    keep_deadline(connection, market=closed)
    return closed
