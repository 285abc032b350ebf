"""How far a settlement has come, and what it paid in the end."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select, tuple_

from core.markets.market import Market, get_market
from core.markets.plan import settle_key
from core.markets.records import settlement, settlement_chunk, settlement_line
from core.markets.rules import NotResolved, Outcome
from core.money import Money
from core.outbox.records import outbox


@dataclass(frozen=True)
class Progress:
    """The settlement of a market's present version: pool = paid + fee + remainder.

    `lines` of it are bets, `lines_done` of which are paid; nobody counts them once it is finished.
    Players are told by SMS chunk by chunk. `error` is what the worker's last try ended with, and
    `is_set_aside` tells that it will not try again by itself. Of a correction, `reversed` is what
    the version before paid, all of which is taken back.
    """

    market: Market
    outcome: Outcome
    refunded: bool
    pool: Money
    paid: Money
    fee: Money
    remainder: Money
    late: Money
    reversed: Money | None
    planned_at: datetime
    finished_at: datetime | None
    lines: int | None
    lines_done: int | None
    chunks: int
    chunks_told: int
    error: str | None
    is_set_aside: bool


def read_progress(connection: Connection, *, market_id: int) -> Progress:
    """Where the settlement stands. Raises NoSuchMarket, or NotResolved where none was planned."""
    market = get_market(connection, market_id=market_id)
    row = _plan(connection, market, market.version)
    if row is None:
        raise NotResolved(market_id)
    lines, done = _lines(connection, row) if row.finished_at is None else (None, None)
    chunks, told = _chunks(connection, market)
    error, is_set_aside = _trouble(connection, market)
    before = _plan(connection, market, market.version - 1)
    return Progress(
        market=market,
        outcome=Outcome(row.outcome),
        refunded=row.refunded,
        pool=Money(row.pool_cents),
        paid=_paid(row),
        fee=Money(row.fee_cents),
        remainder=Money(row.remainder_cents),
        late=Money(row.late_cents),
        reversed=None if before is None else _paid(before),
        planned_at=row.planned_at,
        finished_at=row.finished_at,
        lines=lines,
        lines_done=done,
        chunks=chunks,
        chunks_told=told,
        error=error if row.finished_at is None else None,
        is_set_aside=is_set_aside and row.finished_at is None,
    )


def _plan(connection: Connection, market: Market, version: int) -> Row[Any] | None:
    query = select(settlement).where(
        settlement.c.market_id == market.id, settlement.c.version == version
    )
    return connection.execute(query).one_or_none()


def _paid(row: Row[Any]) -> Money:
    return Money(row.pool_cents - row.fee_cents - row.remainder_cents)


def _lines(connection: Connection, plan: Row[Any]) -> tuple[int, int]:
    place = tuple_(settlement_line.c.player_id, settlement_line.c.bet_id)
    through = place <= (plan.through_player, plan.through_bet)
    query = select(func.count().label("lines"), func.count().filter(through).label("done")).where(
        settlement_line.c.market_id == plan.market_id, settlement_line.c.version == plan.version
    )
    row = connection.execute(query).one()
    return row.lines, row.done


def _chunks(connection: Connection, market: Market) -> tuple[int, int]:
    query = select(
        func.count().label("chunks"), func.count(settlement_chunk.c.told_at).label("told")
    ).where(settlement_chunk.c.market_id == market.id, settlement_chunk.c.version == market.version)
    row = connection.execute(query).one()
    return row.chunks, row.told


def _trouble(connection: Connection, market: Market) -> tuple[str | None, bool]:
    query = select(outbox.c.last_error, outbox.c.set_aside_at).where(
        outbox.c.key == settle_key(market)
    )
    row = connection.execute(query).one_or_none()
    return (None, False) if row is None else (row.last_error, row.set_aside_at is not None)
