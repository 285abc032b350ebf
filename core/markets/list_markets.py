"""The lists of markets: what players can bet on, and what staff look after."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Select, case, func, select

from core.markets.market import Market, get_market, get_pool, market_from
from core.markets.pricing import Pool
from core.markets.records import bet, market
from core.markets.rules import MarketStatus, Side
from core.money import Money
from core.switches.records import switch
from core.switches.rules import Stopped, Switch

CLOSING_SOON: Final = timedelta(hours=24)
# Enough to tell what people bet on now, and few enough to read in every hop to the list.
BETS_OF_LATE: Final = 500


@dataclass(frozen=True)
class ListedMarket:
    """A market with what is or was staked on each side."""

    market: Market
    pool: Pool


def list_open_markets(connection: Connection) -> list[Market]:
    """What takes bets now: what closes within a day, soonest first; then what is bet on most.

    How often is counted over the last bets anywhere; the pools would sum up every bet.
    """
    return [market_from(row) for row in connection.execute(_open_markets())]


def list_bettable_markets(connection: Connection) -> list[Market]:
    """The same for somebody who wants to bet. Raises Stopped while bets are."""
    stopped = select(switch.c.stopped_at.is_not(None)).where(switch.c.kind == Switch.BETS)
    query = _open_markets().add_columns(stopped.scalar_subquery().label("stopped"))
    rows = connection.execute(query).all()
    if any(row.stopped for row in rows):
        raise Stopped(Switch.BETS)
    return [market_from(row) for row in rows]


def list_markets(
    connection: Connection,
    *,
    status: MarketStatus | None = None,
    among: Collection[int] | None = None,
) -> list[ListedMarket]:
    """Every market, or those of one status or among these, by number."""
    query = _MARKETS if status is None else _MARKETS.where(market.c.status == status)
    if among is not None:
        query = query.where(market.c.id.in_(among))
    return [
        ListedMarket(market_from(row), Pool(Money(int(row.yes_cents)), Money(int(row.no_cents))))
        for row in connection.execute(query.order_by(market.c.id))
    ]


def show_market(connection: Connection, *, market_id: int) -> ListedMarket:
    """One market by the number that players type. Raises NoSuchThing."""
    return ListedMarket(
        get_market(connection, market_id=market_id), get_pool(connection, market_id=market_id)
    )


def _open_markets() -> Select[*tuple[object, ...]]:
    now = select(func.kibeezy_now()).scalar_subquery()
    soon = case((market.c.closes_at <= now + CLOSING_SOON, market.c.closes_at))
    return (
        select(market, now.label("as_of"))
        .outerjoin(_OF_LATE, _OF_LATE.c.market_id == market.c.id)
        .where(market.c.status == MarketStatus.OPEN, market.c.closes_at > now)
        .order_by(
            soon.nulls_last(),
            func.coalesce(_OF_LATE.c.bets, 0).desc(),
            market.c.closes_at,
            market.c.id,
        )
    )


def _staked(side: Side) -> Select[tuple[int]]:
    total = func.coalesce(func.sum(bet.c.stake_cents), 0)
    return select(total).where(bet.c.market_id == market.c.id, bet.c.side == side)


_LAST_BETS = select(bet.c.market_id).order_by(bet.c.id.desc()).limit(BETS_OF_LATE).subquery()
_OF_LATE = (
    select(_LAST_BETS.c.market_id, func.count().label("bets"))
    .group_by(_LAST_BETS.c.market_id)
    .subquery()
)
_MARKETS = select(
    market,
    func.kibeezy_now().label("as_of"),
    _staked(Side.YES).scalar_subquery().label("yes_cents"),
    _staked(Side.NO).scalar_subquery().label("no_cents"),
)
