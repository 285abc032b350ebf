"""Watchers of a market are told that its price has moved, that it closed, and how it ended.

Each statement marks a chunk of them at most, and only those who do not know yet: whoever comes
second finds them marked. Who wants no news, or is kept out, is marked and not told.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection, TextClause, func, or_, select, text

from core.markets.market import Market
from core.notices.notify import Notice, notify_all
from core.notices.watch_texts import market_closed, market_moved, market_result
from core.players.records import player
from core.text import Language, Text
from core.watchers.rules import MOVES_A_DAY, WATCHERS_A_CHUNK, Price

_FIRST_PRICE: Final = text(
    """
    UPDATE market_watch SET step = :step WHERE id IN (
        SELECT id FROM market_watch
        WHERE market_id = :market_id AND ended_at IS NULL AND step IS NULL
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
    """
)
_MOVED: Final = text(
    """
    WITH today AS MATERIALIZED (
        SELECT (kibeezy_now() AT TIME ZONE 'Africa/Nairobi')::date AS day
    ), due AS (
        SELECT w.id, w.step FROM market_watch w CROSS JOIN today
        WHERE w.market_id = :market_id AND w.ended_at IS NULL
          AND w.step <> :step AND w.edge IS DISTINCT FROM :near_edge
          AND (w.moved_on IS DISTINCT FROM today.day OR w.moves < :most)
        ORDER BY w.id LIMIT :limit FOR UPDATE OF w SKIP LOCKED
    )
    UPDATE market_watch w SET step = :step,
        edge = CASE WHEN w.step < :step THEN :step ELSE :step + 1 END,
        moves = CASE WHEN w.moved_on = today.day THEN w.moves + 1 ELSE 1 END,
        moved_on = today.day
    FROM due CROSS JOIN today WHERE w.id = due.id
    RETURNING w.player_id, due.step < :step AS flag
    """
)
_CLOSED: Final = text(
    """
    UPDATE market_watch SET close_told_at = kibeezy_now() WHERE id IN (
        SELECT id FROM market_watch
        WHERE market_id = :market_id AND ended_at IS NULL AND close_told_at IS NULL
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED)
    RETURNING player_id, true AS flag
    """
)
# Null is for nobody to hear: who has a bet in it is told with the money, and a correction may leave
# the result as it was.
_RESULT: Final = text(
    """
    WITH due AS (
        SELECT id, told_version FROM market_watch
        WHERE market_id = :market_id AND ended_at IS NULL AND told_version < :version
        ORDER BY id LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE market_watch w SET told_version = :version,
        close_told_at = coalesce(w.close_told_at, kibeezy_now())
    FROM due WHERE w.id = due.id
    RETURNING w.player_id, CASE WHEN NOT EXISTS (
            SELECT FROM settlement_line l WHERE l.market_id = :market_id
            AND l.version = :version AND l.player_id = w.player_id)
        AND NOT EXISTS (
            SELECT FROM settlement s WHERE s.market_id = :market_id
            AND s.version = due.told_version AND s.outcome = :outcome)
        THEN due.told_version > 0 END AS flag
    """
)
_FINAL: Final = text(
    """
    UPDATE market_watch SET ended_at = kibeezy_now() WHERE id IN (
        SELECT w.id FROM market m JOIN market_watch w ON w.market_id = m.id
        WHERE m.status IN ('settled', 'voided') AND m.settled_at < kibeezy_now() - :final_after
          AND w.ended_at IS NULL AND w.told_version >= m.version
        LIMIT :limit FOR UPDATE OF w SKIP LOCKED)
    """
)


class Chunk(NamedTuple):
    """How many watchers were marked, and how many of them are told."""

    marked: int
    told: int


def note_first_price(
    connection: Connection, *, market: Market, price: Price, limit: int = WATCHERS_A_CHUNK
) -> Chunk:
    """Keep where the price began for the next who watched before there was one; tells nobody."""
    values = {"market_id": market.id, "step": price.step, "limit": limit}
    return Chunk(connection.execute(_FIRST_PRICE, values).rowcount, 0)


def tell_moved(
    connection: Connection, *, market: Market, price: Price, limit: int = WATCHERS_A_CHUNK
) -> Chunk:
    """Tell the next watchers that the price is in another fifth than the one they know of.

    Not while it is near the edge that they were told of last, and so often a day at most.
    """
    values = {
        "market_id": market.id,
        "step": price.step,
        "near_edge": price.near_edge,
        "most": MOVES_A_DAY,
        "limit": limit,
    }
    words = {
        rose: market_moved(market_id=market.id, label=market.label, price=str(price), rose=rose)
        for rose in (True, False)
    }
    return _tell(connection, "market_moved", _mark(connection, _MOVED, values), words)


def tell_closed(
    connection: Connection, *, market: Market, price: Price | None, limit: int = WATCHERS_A_CHUNK
) -> Chunk:
    """Tell the next watchers that the market takes no more bets, once."""
    stands_at = None if price is None else str(price)
    words = {True: market_closed(market_id=market.id, label=market.label, price=stands_at)}
    values = {"market_id": market.id, "limit": limit}
    return _tell(connection, "market_closed", _mark(connection, _CLOSED, values), words)


def tell_result(connection: Connection, *, market: Market, limit: int = WATCHERS_A_CHUNK) -> Chunk:
    """Tell the next watchers who have no bet in it how the market ended, once for each version."""
    assert market.outcome is not None
    values = {
        "market_id": market.id,
        "version": market.version,
        "outcome": market.outcome,
        "limit": limit,
    }
    words = {
        corrected: market_result(
            market_id=market.id, label=market.label, outcome=market.outcome, corrected=corrected
        )
        for corrected in (True, False)
    }
    return _tell(connection, "market_result", _mark(connection, _RESULT, values), words)


def end_final(
    connection: Connection, *, final_after: timedelta, limit: int = WATCHERS_A_CHUNK
) -> Chunk:
    """End the next watches of results that are final; tells nobody."""
    values = {"final_after": final_after, "limit": limit}
    return Chunk(connection.execute(_FINAL, values).rowcount, 0)


def _mark(
    connection: Connection, statement: TextClause, values: Mapping[str, object]
) -> dict[int, bool | None]:
    """The players of the next watchers, each with which of the words are theirs."""
    return {row.player_id: row.flag for row in connection.execute(statement, values)}


def _tell(
    connection: Connection, kind: str, marked: Mapping[int, bool | None], words: Mapping[bool, Text]
) -> Chunk:
    concerned = [player_id for player_id, flag in marked.items() if flag is not None]
    query = select(player.c.id, player.c.phone, player.c.language).where(
        player.c.id.in_(concerned),
        player.c.closed_at.is_(None),
        player.c.locked_at.is_(None),
        or_(player.c.break_until.is_(None), player.c.break_until <= func.kibeezy_now()),
    )
    notices = [
        Notice(row.id, row.phone, Language(row.language), kind, words[bool(marked[row.id])])
        for row in connection.execute(query.order_by(player.c.id))
    ]
    notify_all(connection, notices=notices)
    return Chunk(len(marked), len(notices))
