"""The lists of markets: what players can bet on, and what staff look after."""

from dataclasses import dataclass

from sqlalchemy import Connection, Select, func, select

from core.markets.market import Market, get_market, get_pool, market_from
from core.markets.pricing import Pool
from core.markets.records import bet, market
from core.markets.rules import MarketStatus, Side
from core.money import Money


@dataclass(frozen=True)
class ListedMarket:
    """A market with what is or was staked on each side."""

    market: Market
    pool: Pool


def list_open_markets(connection: Connection) -> list[Market]:
    """What takes bets now, closing soonest first; not the pools, which would sum up every bet."""
    taking_bets = market.c.closes_at > select(func.kibeezy_now()).scalar_subquery()
    query = (
        select(market, func.kibeezy_now().label("as_of"))
        .where(market.c.status == MarketStatus.OPEN, taking_bets)
        .order_by(market.c.closes_at, market.c.id)
    )
    return [market_from(row) for row in connection.execute(query)]


def list_markets(
    connection: Connection, *, status: MarketStatus | None = None
) -> list[ListedMarket]:
    """Every market, or those of one status, by number."""
    query = _MARKETS if status is None else _MARKETS.where(market.c.status == status)
    return [
        ListedMarket(market_from(row), Pool(Money(int(row.yes_cents)), Money(int(row.no_cents))))
        for row in connection.execute(query.order_by(market.c.id))
    ]


def show_market(connection: Connection, *, market_id: int) -> ListedMarket:
    """One market by the number that players type. Raises NoSuchThing."""
    return ListedMarket(
        get_market(connection, market_id=market_id), get_pool(connection, market_id=market_id)
    )


def _staked(side: Side) -> Select[tuple[int]]:
    total = func.coalesce(func.sum(bet.c.stake_cents), 0)
    return select(total).where(bet.c.market_id == market.c.id, bet.c.side == side)


_MARKETS = select(
    market,
    func.kibeezy_now().label("as_of"),
    _staked(Side.YES).scalar_subquery().label("yes_cents"),
    _staked(Side.NO).scalar_subquery().label("no_cents"),
)
