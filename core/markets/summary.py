"""What a settlement would pay, told before and after."""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection, text

from core.markets.market import Market, get_market, get_pool
from core.markets.pricing import Pool
from core.markets.rules import MarketStatus, Outcome, WrongState
from core.money import Money

LARGEST_SHOWN = 5

_TOTALS = text(
    """
    SELECT t.refunded, t.fee, count(p.bet_id) AS bets,
        count(DISTINCT p.player_id) AS players,
        count(DISTINCT p.player_id) FILTER (WHERE p.side = :outcome OR t.refunded) AS winners,
        coalesce(sum(p.payout_cents), 0) AS paid
    FROM settlement_terms(:market_id, :outcome) t
    LEFT JOIN settlement_plan(:market_id, :outcome) p ON true
    GROUP BY t.refunded, t.fee
    """
)
_LARGEST = text(
    """
    SELECT p.player_id, player.phone, sum(p.stake_cents) AS staked, sum(p.payout_cents) AS paid
    FROM settlement_plan(:market_id, :outcome) p JOIN player ON player.id = p.player_id
    GROUP BY p.player_id, player.phone HAVING sum(p.payout_cents) > 0
    ORDER BY sum(p.payout_cents) DESC, p.player_id LIMIT :most
    """
)


class Payment(NamedTuple):
    """What one player gets, over all the player's bets."""

    player_id: int
    phone: str
    staked: Money
    paid: Money


@dataclass(frozen=True)
class Summary:
    """How a market settles: pool = paid + fee + remainder. `refunded`: every stake goes back."""

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
    largest: tuple[Payment, ...]


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
    return summarise(connection, market=market, outcome=asked)


def summarise(connection: Connection, *, market: Market, outcome: Outcome) -> Summary:
    """Sum up the plan that the database computes for this outcome."""
    what = {"market_id": market.id, "outcome": outcome}
    totals = connection.execute(_TOTALS, what).one()
    largest = connection.execute(_LARGEST, {**what, "most": LARGEST_SHOWN})
    pool = get_pool(connection, market_id=market.id)
    paid, fee = Money(int(totals.paid)), Money(int(totals.fee))
    return Summary(
        market=market,
        outcome=outcome,
        refunded=totals.refunded,
        pool=pool,
        bets=totals.bets,
        winners=totals.winners,
        losers=totals.players - totals.winners,
        paid=paid,
        fee=fee,
        remainder=pool.total - paid - fee,
        largest=tuple(
            Payment(row.player_id, row.phone, Money(int(row.staked)), Money(int(row.paid)))
            for row in largest
        ),
    )
