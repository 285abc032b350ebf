"""Nobody has resolved a correction in time, so the result in force stays."""

from datetime import datetime

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.markets.correction import correction_ends_at, is_correction
from core.markets.former_result import take_correction_back
from core.markets.market import lock_market
from core.staff.records import MARKET_ROLES


def end_correction(connection: Connection, *, market_id: int) -> datetime | None:
    """Take back a proposed correction whose time is over; returns when that will be, if later.

    Otherwise, and on a repeat, changes nothing. Raises NoSuchMarket.
    """
    found = lock_market(connection, market_id=market_id)
    if not is_correction(found):
        return None
    ends_at = correction_ends_at(connection, market=found)
    if found.as_of < ends_at:
        return ends_at
    take_correction_back(connection, market=found, actor="system", why="deadline")
    subject = f"market:{market_id}"
    why = f"The correction of market {market_id} ended: nobody resolved it in time."
    raise_alarm(connection, kind="correction_ended", subject=subject, why=why, roles=MARKET_ROLES)
    return None
