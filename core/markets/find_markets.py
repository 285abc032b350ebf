"""Finding markets among all there ever were, for staff."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, func, literal, or_, select, true

from core.database import be_patient
from core.markets.disputes import is_disputed
from core.markets.market import LARGEST_NUMBER, Market, market_from
from core.markets.pricing import Pool
from core.markets.records import bet, market
from core.markets.rules import MarketStatus, Side
from core.money import Money
from core.staff.records import Admin

# Of a market with more bets than this a list says no more than that: it sums up so many for each.
MOST_BETS_SUMMED: Final = 2_000
# Only so many of the newest markets are looked at for the names of categories.
_NEWEST: Final = 2_000


@dataclass(frozen=True)
class Wanted:
    """Which markets; None means any.

    `words` stand in question or label, or are a market's number. `to_do_for` wants those in which
    this admin could do the next thing.
    """

    status: MarketStatus | None = None
    category: str | None = None
    words: str | None = None
    closes_from: datetime | None = None
    closes_before: datetime | None = None
    to_do_for: Admin | None = None
    # For the next page: only markets with a smaller number.
    before_id: int | None = None


@dataclass(frozen=True)
class Found:
    """A market with its bets; `pool` is None where there are too many to sum up in a list."""

    market: Market
    is_disputed: bool
    bets: int
    pool: Pool | None


def find_markets(connection: Connection, *, wanted: Wanted, limit: int) -> list[Found]:
    """The newest markets that are wanted, at most so many, the newest first."""
    be_patient(connection)
    as_of = func.kibeezy_now().label("as_of")
    page = (
        select(market, as_of, is_disputed.label("is_disputed"))
        .where(*_conditions(wanted))
        .order_by(market.c.id.desc())
        .limit(limit)
        .subquery()
    )
    some = (
        select(bet.c.side, bet.c.stake_cents)
        .where(bet.c.market_id == page.c.id)
        # The order of the index: without it a table that is nearly all one market's is read whole.
        .order_by(bet.c.side)
        .limit(MOST_BETS_SUMMED + 1)
        .correlate(page)
        .subquery()
    )
    bets = func.count().label("bets")
    summed = select(bets, _sum(some.c, Side.YES), _sum(some.c, Side.NO)).lateral()
    query = select(page, summed).join(summed, true()).order_by(page.c.id.desc())
    return [_found(row) for row in connection.execute(query)]


def list_categories(connection: Connection) -> list[str]:
    """The categories of the newest markets, in the order of the alphabet."""
    newest = select(market.c.category).order_by(market.c.id.desc()).limit(_NEWEST).subquery()
    return sorted(connection.execute(select(newest.c.category).distinct()).scalars())


def _conditions(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.status is not None:
        yield market.c.status == wanted.status
    if wanted.category is not None:
        yield market.c.category == wanted.category
    if wanted.words is not None:
        yield _said(wanted.words)
    if wanted.closes_from is not None:
        yield market.c.closes_at >= wanted.closes_from
    if wanted.closes_before is not None:
        yield market.c.closes_at < wanted.closes_before
    if wanted.to_do_for is not None:
        yield _waits_for(wanted.to_do_for)
    if wanted.before_id is not None:
        yield market.c.id < wanted.before_id


def _said(words: str) -> ColumnElement[bool]:
    if words.isascii() and words.isdigit() and int(words) <= LARGEST_NUMBER:
        return or_(market.c.id == int(words), market.c.question.icontains(words, autoescape=True))
    return or_(
        market.c.question.icontains(words, autoescape=True),
        market.c.label.icontains(words, autoescape=True),
    )


def _waits_for(admin: Admin) -> ColumnElement[bool]:
    """Drafts of others, results to say, and those of others to rule on or to resolve.

    The acts themselves decide; bets and rulings are left to them.
    """
    proposed = and_(market.c.status == MarketStatus.PROPOSED, market.c.proposed_by != admin.id)
    is_over = func.coalesce(market.c.challenge_ends_at, market.c.proposed_at) <= func.kibeezy_now()
    wrote = or_(market.c.created_by == admin.id, literal(admin.id) == market.c.edited_by.any_())
    return or_(
        and_(market.c.status == MarketStatus.DRAFT, ~wrote),
        market.c.status == MarketStatus.CLOSED,
        and_(proposed, or_(is_disputed, is_over)),
    )


def _sum(columns: Any, side: Side) -> ColumnElement[int]:  # noqa: ANN401 - SQLAlchemy's own
    total: ColumnElement[int] = func.sum(columns.stake_cents).filter(columns.side == side)
    return func.coalesce(total, 0).label(f"{side}_cents")


def _found(row: Row[*tuple[Any, ...]]) -> Found:
    is_whole = row.bets <= MOST_BETS_SUMMED
    pool = Pool(Money(int(row.yes_cents)), Money(int(row.no_cents)))
    bets = min(row.bets, MOST_BETS_SUMMED)
    return Found(market_from(row), row.is_disputed, bets, pool if is_whole else None)
