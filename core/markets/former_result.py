"""Where a market stood before the result that is proposed now."""

from sqlalchemy import Connection

from core.markets.market import Market
from core.markets.rules import MarketStatus


def former_result(_connection: Connection, *, market: Market) -> dict[str, object]:
    """The columns that take a proposed market back to where it was."""
    assert market.version == 1
    return {"status": MarketStatus.CLOSED}
