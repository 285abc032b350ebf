"""A result has a deadline: staff are reminded before it, and then the system voids."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from core.alarms.raise_alarm import raise_alarm
from core.clock import short_time
from core.config.in_force import read_value
from core.config.rules import Dated
from core.markets.market import Market, get_market
from core.markets.rules import MarketStatus
from core.outbox.records import ask
from core.staff.records import MARKET_ROLES

LAST_CALL: Final = timedelta(hours=24)
UNDECIDED: Final = (MarketStatus.CLOSED, MarketStatus.PROPOSED)


def resolution_time(connection: Connection) -> timedelta:
    """How long after its closing a market may be resolved, as it counts now."""
    return timedelta(hours=read_value(connection, name=Dated.RESOLUTION_DEADLINE_HOURS))


def keep_deadline(connection: Connection, *, market: Market) -> None:
    """Ask for two reminders, and for the void at the end. A repeat asks for nothing more."""
    assert market.resolve_by is not None
    half = market.as_of + (market.resolve_by - market.as_of) / 2
    _ask(connection, market, "remind_result", half, name="half")
    # Of a short deadline the half is the last call.
    if market.resolve_by - LAST_CALL > half:
        _ask(connection, market, "remind_result", market.resolve_by - LAST_CALL, name="last")
    _ask(connection, market, "void_unresolved", market.resolve_by)


def is_undecided(market: Market) -> bool:
    """Whether the deadline still concerns it: it waits for its first result."""
    return market.status in UNDECIDED and market.version == 1


def remind_of_result(connection: Connection, *, market_id: int, name: str) -> None:
    """Alarm who decides about markets while nobody has resolved it; a repeat is only counted."""
    found = get_market(connection, market_id=market_id)
    if not is_undecided(found) or found.deadline is None:
        return
    raise_alarm(
        connection,
        kind=f"result_{name}",
        subject=f"market:{market_id}",
        why=f"Market {market_id} waits for its result until {short_time(found.deadline)}.",
        roles=MARKET_ROLES,
    )


def _ask(
    connection: Connection, market: Market, kind: str, at: datetime, *, name: str | None = None
) -> None:
    payload = {"market_id": market.id} | ({"name": name} if name else {})
    key = ":".join(filter(None, (kind, str(market.id), name)))
    ask(connection, kind=kind, payload=payload, key=key, at=at)
