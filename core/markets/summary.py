"""What a settlement would pay, told before and after."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import CTE, Connection, Row, Select, Subquery, func, literal, select, text, true

from core.markets.market import Market, get_market
from core.markets.plan import be_patient
from core.markets.pricing import Pool
from core.markets.records import bet, settlement, settlement_line
from core.markets.rules import MarketStatus, Outcome, Side, WrongState
from core.markets.taken_back import TakenBack, taken_back
from core.money import Money
from core.players.records import player

LARGEST_SHOWN = 5

_TERMS = text("SELECT refunded, fee AS fee_cents FROM settlement_terms(:market_id, :outcome)")
_COLUMNS = ("bet_id", "player_id", "side", "stake_cents", "payout_cents", "kind")


class Payment(NamedTuple):
    """What one player gets, over all the player's bets."""

    player_id: int
    phone: str
    staked: Money
    paid: Money


@dataclass(frozen=True)
class Summary:
    """How a market settles: pool = paid + fee + remainder. `refunded`: every stake goes back.

    Late bets are refunded out of the pool; `paid` includes them. Who has no other is no loser.
    `taken_back` of a correction only.
    """

    market: Market
    outcome: Outcome
    refunded: bool
    pool: Pool
    bets: int
    winners: int
    losers: int
    paid: Money
    fee: Money
    remainder: Money
    late_bets: int
    late: Money
    largest: tuple[Payment, ...]
    taken_back: TakenBack | None


def preview_settlement(
    connection: Connection, *, market_id: int, outcome: Outcome | None = None
) -> Summary:
    """What settling would pay now, by default with the proposed outcome; changes nothing.

    Raises NoSuchMarket, or WrongState where no outcome is named and none was proposed.
    """
    market = get_market(connection, market_id=market_id)
    asked = outcome or market.proposed_outcome
    if asked is None or market.status is MarketStatus.DRAFT:
        raise WrongState(market_id, market.status)
    be_patient(connection)
    what = {"market_id": market_id, "outcome": asked}
    terms = connection.execute(_TERMS, what).one()
    plan = func.settlement_plan(market_id, asked).table_valued(*_COLUMNS).alias("plan")
    return _summary(connection, select(plan).subquery(), terms, market, asked)


def summarise_frozen(connection: Connection, *, market: Market, outcome: Outcome) -> Summary:
    """Sum up the lines that are written, without computing them again."""
    query = select(settlement.c.refunded, settlement.c.fee_cents)
    mine = settlement.c.market_id == market.id, settlement.c.version == market.version
    terms = connection.execute(query.where(*mine)).one()
    lines = (
        select(
            settlement_line.c.bet_id,
            settlement_line.c.player_id,
            bet.c.side,
            bet.c.stake_cents,
            settlement_line.c.payout_cents,
            settlement_line.c.kind,
        )
        .join(bet, bet.c.id == settlement_line.c.bet_id)
        .where(
            settlement_line.c.market_id == market.id, settlement_line.c.version == market.version
        )
    )
    return _summary(connection, lines.subquery(), terms, market, outcome)


def _summary(
    connection: Connection,
    lines: Subquery,
    terms: Row[*tuple[object, ...]],
    market: Market,
    outcome: Outcome,
) -> Summary:
    rows = connection.execute(_summed(lines, outcome, refunded=terms.refunded)).all()
    totals = rows[0]
    pool = Pool(yes=Money(int(totals.yes_cents)), no=Money(int(totals.no_cents)))
    paid, fee = Money(int(totals.all_paid)), Money(int(terms.fee_cents))
    late = connection.execute(_late(market)).one()
    return Summary(
        market=market,
        outcome=outcome,
        refunded=terms.refunded,
        pool=pool,
        bets=int(totals.bets),
        winners=totals.winners,
        losers=totals.losers,
        paid=paid,
        fee=fee,
        remainder=pool.total - paid - fee,
        late_bets=late.bets,
        late=Money(int(late.cents)),
        largest=tuple(
            Payment(row.player_id, row.phone, Money(int(row.staked)), Money(int(row.paid)))
            for row in rows
            if row.phone is not None
        ),
        taken_back=taken_back(connection, market=market, lines=lines),
    )


def _summed(lines: Subquery, outcome: Outcome, *, refunded: bool) -> Select[*tuple[object, ...]]:
    """The totals, in one row for each of the largest payments; in one row where there is none.

    The lines are read once: of a very large market they are computed for seconds.
    """
    mine = _by_player(lines, outcome, refunded=refunded)
    winners = func.count().filter(mine.c.won)
    totals = select(
        func.coalesce(func.sum(mine.c.bets), 0).label("bets"),
        winners.label("winners"),
        func.greatest(func.count().filter(mine.c.counted) - winners, 0).label("losers"),
        func.coalesce(func.sum(mine.c.yes_cents), 0).label("yes_cents"),
        func.coalesce(func.sum(mine.c.no_cents), 0).label("no_cents"),
        func.coalesce(func.sum(mine.c.paid), 0).label("all_paid"),
    ).subquery("totals")
    order = mine.c.paid.desc(), mine.c.player_id
    paid_most = select(mine).where(mine.c.paid > 0).order_by(*order).limit(LARGEST_SHOWN)
    largest = paid_most.subquery("largest")
    named = largest.outerjoin(player, player.c.id == largest.c.player_id)
    return (
        select(
            totals,
            largest.c.player_id,
            player.c.phone,
            (largest.c.yes_cents + largest.c.no_cents).label("staked"),
            largest.c.paid,
        )
        .select_from(totals.outerjoin(named, true()))
        .order_by(largest.c.paid.desc(), largest.c.player_id)
    )


def _by_player(lines: Subquery, outcome: Outcome, *, refunded: bool) -> CTE:
    counted = lines.c.kind == "payout"
    won = literal(refunded) | (counted & (lines.c.side == outcome))
    staked = func.sum(lines.c.stake_cents)
    return (
        select(
            lines.c.player_id,
            func.count().label("bets"),
            func.bool_or(counted).label("counted"),
            func.bool_or(won).label("won"),
            func.coalesce(staked.filter(lines.c.side == Side.YES), 0).label("yes_cents"),
            func.coalesce(staked.filter(lines.c.side == Side.NO), 0).label("no_cents"),
            func.sum(lines.c.payout_cents).label("paid"),
        )
        .group_by(lines.c.player_id)
        .cte("mine")
    )


def _late(market: Market) -> Select[*tuple[object, ...]]:
    cents = func.coalesce(func.sum(bet.c.stake_cents), 0)
    return select(func.count().label("bets"), cents.label("cents")).where(
        bet.c.market_id == market.id,
        bet.c.placed_at >= literal(market.late_from, bet.c.placed_at.type),
    )
