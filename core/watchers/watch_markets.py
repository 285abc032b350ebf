"""Looks at every market that somebody watches, and has told whoever does not know yet."""

from collections.abc import Callable, Iterator
from functools import partial

from sqlalchemy import Connection, Engine, and_, exists, or_, select

from core.database import in_transaction, now
from core.markets.correction import FINAL_AFTER
from core.markets.list_markets import ListedMarket, list_markets
from core.markets.records import market
from core.markets.rules import OVER, MarketStatus
from core.notices.quiet_hours import is_quiet
from core.watchers.records import market_watch
from core.watchers.rules import WATCHERS_A_CHUNK, price_of
from core.watchers.tell_watchers import (
    Chunk,
    end_final,
    note_first_price,
    tell_closed,
    tell_moved,
    tell_result,
)


def watch_markets(database: Engine, *, limit: int = WATCHERS_A_CHUNK) -> int:
    """Tell watchers what they do not know yet, each chunk in a transaction of its own.

    Returns how many were told. At night nobody is told of a price; what is left of the move in the
    morning is told then. Two at once, or one that is killed and repeated, tell nobody twice.
    """
    found = in_transaction(database, _news)
    acts = [act for listed in found for act in _acts(listed)]
    acts.append(partial(end_final, final_after=FINAL_AFTER))
    told = 0
    for act in acts:
        chunk = Chunk(limit, 0)
        while chunk.marked >= limit:
            chunk = in_transaction(database, partial(act, limit=limit))
            told += chunk.told
    return told


def _news(connection: Connection) -> list[ListedMarket]:
    """The markets of which somebody may have to be told something now, with their pools."""
    watch = market_watch.c
    unheard = [
        and_(market.c.closed_at.is_not(None), watch.close_told_at.is_(None)),
        and_(market.c.status.in_(OVER), watch.told_version < market.c.version),
    ]
    if not is_quiet(now(connection)):
        unheard.append(market.c.status == MarketStatus.OPEN)
    watched = exists().where(
        watch.market_id == market.c.id, watch.ended_at.is_(None), or_(*unheard)
    )
    ids = connection.execute(select(market.c.id).where(watched)).scalars().all()
    return list_markets(connection, among=ids) if ids else []


def _acts(listed: ListedMarket) -> Iterator[Callable[..., Chunk]]:
    found, price = listed.market, price_of(listed.pool)
    if found.status in OVER:
        yield partial(tell_result, market=found)
    elif found.closed_at is not None:
        yield partial(tell_closed, market=found, price=price)
    elif price is not None:
        yield partial(note_first_price, market=found, price=price)
        yield partial(tell_moved, market=found, price=price)
