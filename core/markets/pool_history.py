"""How the pools of a market grew between its opening and now, or its close."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from core.clock import in_nairobi
from core.markets.cancel_bet import CANCEL_WITHIN
from core.markets.market import Market, get_market
from core.markets.pricing import Pool, implied_probability
from core.markets.rules import BEFORE_CLOSING, Side
from core.money import Money

MOST_BUCKETS: Final = 120
_MINUTE: Final = timedelta(minutes=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What a person counts time in, so that buckets begin at round times on a Kenyan clock.
_STEPS: Final = tuple(
    timedelta(minutes=minutes)
    for minutes in (1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 10_080, 40_320)
)
# The first and the last bucket have no outer edge: together they hold every bet there is. A bet
# that was cancelled counted until then, which was minutes after it was placed.
_BUCKETS: Final = text(
    """
    SELECT b.n, s.side, stands.cents, stands.bets, gone.cents AS gone_later_cents, gone.cancelled
    FROM (SELECT n, CASE n WHEN 1 THEN '-infinity' ELSE edge END AS begins,
              lead(edge, 1, 'infinity') OVER (ORDER BY n) AS ends
          FROM unnest(CAST(:edges AS timestamptz[])) WITH ORDINALITY e (edge, n)) b
    CROSS JOIN (VALUES ('yes'), ('no')) s (side)
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(stake_cents), 0) AS cents, count(*) AS bets FROM bet
        WHERE market_id = :market_id AND bet.side = s.side
          AND placed_at >= b.begins AND placed_at < b.ends) stands
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(stake_cents) FILTER (WHERE cancelled_at >= b.ends), 0) AS cents,
            count(*) FILTER (WHERE cancelled_at >= b.begins AND cancelled_at < b.ends) AS cancelled
        FROM cancelled_bet c
        WHERE market_id = :market_id AND c.side = s.side
          AND placed_at >= b.begins - CAST(:cancel_within AS interval) AND placed_at < b.ends) gone
    ORDER BY b.n
    """
)


@dataclass(frozen=True)
class Bucket:
    """A piece of time: the pools at its end, what was bet in it and stands, what was cancelled."""

    begins_at: datetime
    ends_at: datetime
    pool: Pool
    bets: int
    cancelled: int

    @property
    def probability(self) -> float | None:
        """How likely YES was held to be at its end, from 0 to 1; None before the first bet."""
        return implied_probability(self.pool)

    @property
    def bets_per_minute(self) -> float:
        """On average; what lasted less than a minute counts as one."""
        return self.bets / max((self.ends_at - self.begins_at) / _MINUTE, 1.0)


@dataclass(frozen=True)
class History:
    """The buckets of a market, each `step` long but the first and the last; a draft has none."""

    market: Market
    step: timedelta
    buckets: tuple[Bucket, ...]

    @property
    def pool(self) -> Pool:
        """What is or was staked in the end."""
        return self.buckets[-1].pool if self.buckets else Pool(Money(0), Money(0))

    @property
    def bets(self) -> int:
        """How many bets stand."""
        return sum(bucket.bets for bucket in self.buckets)

    @property
    def cancelled(self) -> int:
        """How many were taken back."""
        return sum(bucket.cancelled for bucket in self.buckets)


def read_history(connection: Connection, *, market_id: int) -> History:
    """The pools from the opening on, in at most MOST_BUCKETS and one; a million bets take 0.1 s.

    Of one moment with whatever else the transaction reads where it is a snapshot. Raises
    NoSuchMarket.
    """
    market = get_market(connection, market_id=market_id)
    if market.approved_at is None:
        return History(market, _STEPS[0], ())
    ended_at = max(_end(market), market.approved_at + _MINUTE)
    step = _step(ended_at - market.approved_at)
    edges = list(_edges(market.approved_at, ended_at, step))
    what = {"market_id": market_id, "edges": edges[:-1], "cancel_within": CANCEL_WITHIN}
    rows = connection.execute(_BUCKETS, what)
    return History(market, step, tuple(_buckets(edges, rows)))


def _end(market: Market) -> datetime:
    """Now, or since when no bet is taken: a void ends a market that never closed."""
    ends = [market.closed_at, market.closes_at, market.as_of]
    if market.status not in BEFORE_CLOSING:
        ends.append(market.proposed_at)
    return min(filter(None, ends))


def _step(span: timedelta) -> timedelta:
    return next((step for step in _STEPS if step * MOST_BUCKETS >= span), span / MOST_BUCKETS)


def _edges(begins_at: datetime, ends_at: datetime, step: timedelta) -> Iterator[datetime]:
    """The opening, every round time after it, and the end."""
    offset = in_nairobi(begins_at).utcoffset() or timedelta(0)
    edge = begins_at - (begins_at - _EPOCH + offset) % step
    yield begins_at
    while (edge := edge + step) < ends_at:
        yield edge
    yield ends_at


def _buckets(edges: list[datetime], rows: Iterable[Row[Any]]) -> Iterator[Bucket]:
    found = {(row.n, row.side): row for row in rows}
    staked = dict.fromkeys(Side, 0)
    for n, (begins_at, ends_at) in enumerate(pairwise(edges), start=1):
        sides = {side: found[n, side] for side in Side}
        for side, row in sides.items():
            staked[side] += int(row.cents)
        yes, no = (Money(staked[side] + int(row.gone_later_cents)) for side, row in sides.items())
        yield Bucket(
            begins_at=begins_at,
            ends_at=ends_at,
            pool=Pool(yes, no),
            bets=sum(row.bets for row in sides.values()),
            cancelled=sum(row.cancelled for row in sides.values()),
        )
