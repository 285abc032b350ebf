"""A player asks to be told of a market, or wants to hear no more."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from core.markets.market import Market, get_market, get_pool
from core.markets.rules import BEFORE_CLOSING, MarketStatus, NoSuchMarket
from core.players.records import Player, lock_player
from core.players.rules import ensure_may_play
from core.watchers.records import market_watch
from core.watchers.rules import (
    MOST_WATCHED,
    NewsStopped,
    NothingToWatch,
    Price,
    TooManyWatched,
    price_of,
)


@dataclass(frozen=True)
class Watched:
    """The market as it stands, and its price where it has one."""

    market: Market
    price: Price | None


def watch_market(connection: Connection, *, player: Player, market_id: int) -> Watched:
    """Have the player told from now on; a repeat changes nothing.

    Raises NoSuchMarket (also for a draft), NothingToWatch once it is closed, NewsStopped,
    TooManyWatched, or what ensure_may_play raises: nobody on a break is to be tempted.
    """
    found = get_market(connection, market_id=market_id)
    if found.status is MarketStatus.DRAFT:
        raise NoSuchMarket(market_id)
    ensure_may_play(player)
    if found.status not in BEFORE_CLOSING or found.as_of >= found.closes_at:
        raise NothingToWatch(market_id)
    if player.news_stopped_at is not None:
        raise NewsStopped(market_id)
    price = price_of(get_pool(connection, market_id=market_id))
    lock_player(connection, player_id=player.id)
    watched = _watched_by(connection, player.id)
    if market_id not in watched:
        if len(watched) >= MOST_WATCHED:
            raise TooManyWatched
        step = None if price is None else price.step
        row = insert(market_watch).values(player_id=player.id, market_id=market_id, step=step)
        connection.execute(row.on_conflict_do_nothing())
    return Watched(found, price)


def unwatch(connection: Connection, *, player_id: int, market_id: int | None) -> int:
    """Tell the player no more of this market, or of any; returns how many were watched."""
    change = market_watch.update().where(
        market_watch.c.player_id == player_id, market_watch.c.ended_at.is_(None)
    )
    if market_id is not None:
        change = change.where(market_watch.c.market_id == market_id)
    return connection.execute(change.values(ended_at=func.kibeezy_now())).rowcount


def _watched_by(connection: Connection, player_id: int) -> set[int]:
    """What counts against the limit: markets whose result is still to come."""
    query = select(market_watch.c.market_id).where(
        market_watch.c.player_id == player_id,
        market_watch.c.ended_at.is_(None),
        market_watch.c.told_version == 0,
    )
    return set(connection.execute(query).scalars())
