"""What a settlement would pay, told before and after."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, Row, Select, Subquery, case, func, literal, select, text

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
    totals = connection.execute(_totals(lines, outcome, refunded=terms.refunded)).one()
    pool = Pool(yes=Money(int(totals.yes_cents)), no=Money(int(totals.no_cents)))
    paid, fee = Money(int(totals.paid)), Money(int(terms.fee_cents))
    late = connection.execute(_late(market)).one()
    return Summary(
        market=market,
        outcome=outcome,
        refunded=terms.refunded,
        pool=pool,
        bets=totals.bets,
        winners=totals.winners,
        losers=totals.losers,
        paid=paid,
        fee=fee,
        remainder=pool.total - paid - fee,
        late_bets=late.bets,
        late=Money(int(late.cents)),
        largest=tuple(
            Payment(row.player_id, row.phone, Money(int(row.staked)), Money(int(row.paid)))
            for row in connection.execute(_largest(lines))
        ),
        taken_back=taken_back(connection, market=market, lines=lines),
    )


def _totals(lines: Subquery, outcome: Outcome, *, refunded: bool) -> Select[*tuple[object, ...]]:
    counted = case((lines.c.kind == "payout", lines.c.player_id))
    won = literal(refunded) | ((lines.c.kind == "payout") & (lines.c.side == outcome))
    winner = case((won, lines.c.player_id))
    winners = func.count(winner.distinct())
    staked = func.sum(lines.c.stake_cents)
    return select(
        func.count().label("bets"),
        winners.label("winners"),
        func.greatest(func.count(counted.distinct()) - winners, 0).label("losers"),
        func.coalesce(staked.filter(lines.c.side == Side.YES), 0).label("yes_cents"),
        func.coalesce(staked.filter(lines.c.side == Side.NO), 0).label("no_cents"),
        func.coalesce(func.sum(lines.c.payout_cents), 0).label("paid"),
    ).select_from(lines)


def _late(market: Market) -> Select[*tuple[object, ...]]:
    cents = func.coalesce(func.sum(bet.c.stake_cents), 0)
    return select(func.count().label("bets"), cents.label("cents")).where(
        bet.c.market_id == market.id,
        bet.c.placed_at >= literal(market.late_from, bet.c.placed_at.type),
    )


def _largest(lines: Subquery) -> Select[*tuple[object, ...]]:
    paid = func.sum(lines.c.payout_cents)
    staked = func.sum(lines.c.stake_cents)
    return (
        select(lines.c.player_id, player.c.phone, staked.label("staked"), paid.label("paid"))
        .join(player, player.c.id == lines.c.player_id)
        .group_by(lines.c.player_id, player.c.phone)
        .having(paid > 0)
        .order_by(paid.desc(), lines.c.player_id)
        .limit(LARGEST_SHOWN)
    )
