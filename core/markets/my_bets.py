"""What a player has staked."""

from dataclasses import dataclass

from sqlalchemy import Connection, Row, select

from core.ledger.reference import reference_of, transfer_of
from core.markets.disputes import is_disputed
from core.markets.records import bet, market, settlement, settlement_line
from core.markets.rules import MarketStatus, Outcome, Side
from core.money import Money

_OVER = (MarketStatus.SETTLED, MarketStatus.VOIDED)


@dataclass(frozen=True)
class MyBet:
    """A bet as its player sees it; from `outcome` on, once the market is over."""

    reference: str
    market_id: int
    label: str
    question: str
    side: Side
    stake: Money
    status: MarketStatus
    proposed: Outcome | None
    disputed: bool
    outcome: Outcome | None
    paid: Money | None
    refunded: bool


def open_bets(connection: Connection, *, player_id: int) -> list[MyBet]:
    """Bets whose market is not settled yet, newest first."""
    query = _MINE.where(bet.c.player_id == player_id, market.c.status.not_in(_OVER))
    return [_my_bet(row) for row in connection.execute(query.order_by(bet.c.id.desc()))]


def my_bets(connection: Connection, *, player_id: int, limit: int) -> list[MyBet]:
    """The player's last bets, open or not, newest first."""
    query = _MINE.where(bet.c.player_id == player_id).order_by(bet.c.id.desc()).limit(limit)
    return [_my_bet(row) for row in connection.execute(query)]


def find_bet(connection: Connection, *, player_id: int, reference: str) -> MyBet | None:
    """The player's bet that receipts call by this reference, or None."""
    query = _MINE.where(bet.c.player_id == player_id, bet.c.transfer_id == transfer_of(reference))
    row = connection.execute(query).one_or_none()
    return None if row is None else _my_bet(row)


_MINE = (
    select(
        bet.c.transfer_id,
        bet.c.market_id,
        bet.c.side,
        bet.c.stake_cents,
        market.c.label,
        market.c.question,
        market.c.status,
        market.c.proposed_outcome,
        is_disputed.label("disputed"),
        settlement.c.outcome,
        settlement.c.refunded,
        settlement_line.c.payout_cents,
    )
    .join(market, market.c.id == bet.c.market_id)
    .outerjoin(settlement, settlement.c.market_id == bet.c.market_id)
    .outerjoin(settlement_line, settlement_line.c.bet_id == bet.c.id)
)


def _my_bet(row: Row[*tuple[object, ...]]) -> MyBet:
    over = row.status in _OVER
    return MyBet(
        reference=reference_of(row.transfer_id),
        market_id=row.market_id,
        label=row.label,
        question=row.question,
        side=Side(row.side),
        stake=Money(row.stake_cents),
        status=MarketStatus(row.status),
        proposed=None if row.proposed_outcome is None else Outcome(row.proposed_outcome),
        disputed=row.disputed,
        outcome=Outcome(row.outcome) if over else None,
        paid=Money(row.payout_cents) if over else None,
        refunded=over and row.refunded,
    )
