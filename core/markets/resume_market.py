"""A paused market takes bets again."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.markets.close_market import close_on_time
from core.markets.market import Market, get_market
from core.markets.records import market
from core.markets.rules import MarketStatus, WrongState
from core.staff.records import MARKET_ROLES, Admin
from core.staff_input import parse_free_text
from core.text import _


def resume_market(connection: Connection, *, market_id: int, reason: str, by: Admin) -> Market:
    """Take bets again, until the closing time, which has not moved.

    Raises NoSuchMarket, NotAllowed, InvalidFreeText, or WrongState: also on a repeat, and after
    the closing time.
    """
    by.ensure_role(MARKET_ROLES)
    why = parse_free_text(reason, what=_("The reason"))
    found = close_on_time(connection, market_id=market_id)
    ensure_resumable(found)
    going_on = {"status": MarketStatus.OPEN, "suspended_at": None, "suspended_why": None}
    connection.execute(market.update().where(market.c.id == market_id).values(going_on))
    subject = f"market:{market_id}"
    record(
        connection,
        actor=by.email,
        act="market.resumed",
        subject=subject,
        why=why,
        before={"status": MarketStatus.SUSPENDED},
        after={"status": MarketStatus.OPEN},
    )
    return get_market(connection, market_id=market_id)


def ensure_resumable(found: Market) -> None:
    """Raise WrongState unless it is suspended and its time has not passed."""
    if not found.is_paused:
        raise WrongState(found.id, found.status)
