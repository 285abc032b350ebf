"""A market pauses: something about it must be looked into."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.markets.close_market import close_on_time
from core.markets.market import Market, get_market
from core.markets.records import market
from core.markets.rules import MarketStatus, WrongState
from core.staff.records import MARKET_ROLES, Admin
from core.staff_input import parse_free_text
from core.text import _


def suspend_market(connection: Connection, *, market_id: int, reason: str, by: Admin) -> Market:
    """Take no bets until somebody resumes it; it still closes on time.

    Bets that are placed stand. Raises NoSuchMarket, NotAllowed, InvalidFreeText, or WrongState
    (also on a repeat).
    """
    by.ensure_role(MARKET_ROLES)
    why = parse_free_text(reason, what=_("The reason"))
    found = close_on_time(connection, market_id=market_id)
    ensure_suspendable(found)
    pausing = {
        "status": MarketStatus.SUSPENDED,
        "suspended_at": func.kibeezy_now(),
        "suspended_why": why,
    }
    connection.execute(market.update().where(market.c.id == market_id).values(pausing))
    subject = f"market:{market_id}"
    record(
        connection,
        actor=by.email,
        act="market.suspended",
        subject=subject,
        why=why,
        before={"status": MarketStatus.OPEN},
        after={"status": MarketStatus.SUSPENDED},
    )
    return get_market(connection, market_id=market_id)


def ensure_suspendable(found: Market) -> None:
    """Raise WrongState unless it takes bets."""
    if not found.takes_bets:
        raise WrongState(found.id, found.status)
