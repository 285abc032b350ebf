"""Until when a result can be corrected, and a proposed correction resolved."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func, select

from core.markets.market import GRACE, Market
from core.markets.records import settlement
from core.markets.rules import MarketStatus, ResultIsFinal
from core.outbox.records import ask

# From the first settlement on; a correction starts no new time. The database holds the same.
FINAL_AFTER: Final = timedelta(hours=72)


def is_correction(market: Market) -> bool:
    """Whether another result is proposed while one is in force."""
    return market.status is MarketStatus.PROPOSED and market.version > 1


def final_at(connection: Connection, *, market: Market) -> datetime:
    """When nobody may propose another result any more; of a market that was settled once."""
    first = select(func.min(settlement.c.finished_at)).where(settlement.c.market_id == market.id)
    settled_at: datetime = connection.execute(first).scalar_one()
    return settled_at + FINAL_AFTER


def ensure_not_final(connection: Connection, *, market: Market) -> None:
    """Raise ResultIsFinal where nobody may propose another result any more."""
    final = final_at(connection, market=market)
    if market.as_of >= final:
        raise ResultIsFinal(market.id, final)


def correction_ends_at(connection: Connection, *, market: Market) -> datetime:
    """Until when a proposed correction can be resolved: a day beyond its last moment."""
    final = final_at(connection, market=market)
    return max(final, market.challenge_ends_at or final) + GRACE


def ask_to_end(connection: Connection, *, market: Market) -> None:
    """Have a correction that nobody resolves ended in time. A repeat asks for nothing more."""
    assert market.proposed_at is not None
    ask(
        connection,
        kind="end_correction",
        payload={"market_id": market.id},
        key=f"end_correction:{market.id}:{market.version}:{market.proposed_at.isoformat()}",
        at=correction_ends_at(connection, market=market),
    )
