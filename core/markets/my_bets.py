"""What a player has staked."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, and_, case, select

from core.ledger.reference import reference_of, transfer_of
from core.markets.disputes import is_disputed
from core.markets.records import every_bet, market, settlement, settlement_line
from core.markets.rules import OVER, MarketStatus, Outcome, Side
from core.money import Money


@dataclass(frozen=True)
class MyBet:
    """A bet as its player sees it; from `outcome` on, once the market is over.

    While a correction is on its way, the result is the one still in force. `late`: it came after
    the fact, so its stake went back. `cancelled`: its player took it back, and it has no outcome.
    """

    id: int
    reference: str
    placed_at: datetime
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
    late: bool
    cancelled: bool


def open_bets(connection: Connection, *, player_id: int) -> list[MyBet]:
    """Bets that stand, whose market is not settled yet, newest first."""
    mine = (
        every_bet.c.player_id == player_id,
        ~every_bet.c.cancelled,
        settlement.c.outcome.is_(None),
    )
    found = connection.execute(_MINE.where(*mine).order_by(every_bet.c.id.desc()))
    return [_my_bet(row) for row in found]


def my_bets(
    connection: Connection, *, player_id: int, limit: int, before_id: int | None = None
) -> list[MyBet]:
    """The player's last bets, open, over or cancelled, newest first; before one of them."""
    query = (
        _MINE.where(every_bet.c.player_id == player_id).order_by(every_bet.c.id.desc()).limit(limit)
    )
    if before_id is not None:
        query = query.where(every_bet.c.id < before_id)
    return [_my_bet(row) for row in connection.execute(query)]


def find_bet(connection: Connection, *, player_id: int, reference: str) -> MyBet | None:
    """The player's bet that receipts call by this reference, or None."""
    transfer_id = transfer_of(reference)
    query = _MINE.where(every_bet.c.player_id == player_id, every_bet.c.transfer_id == transfer_id)
    row = connection.execute(query).one_or_none()
    return None if row is None else _my_bet(row)


# The market's own version once it is over; until then the one before, which the first has not.
_IN_FORCE = market.c.version - case((market.c.status.in_(OVER), 0), else_=1)
_MINE = (
    select(
        every_bet.c.id,
        every_bet.c.transfer_id,
        every_bet.c.placed_at,
        every_bet.c.cancelled,
        every_bet.c.market_id,
        every_bet.c.side,
        every_bet.c.stake_cents,
        market.c.label,
        market.c.question,
        market.c.status,
        market.c.proposed_outcome,
        is_disputed.label("disputed"),
        settlement.c.outcome,
        settlement.c.refunded,
        settlement_line.c.payout_cents,
        settlement_line.c.kind,
    )
    .join(market, market.c.id == every_bet.c.market_id)
    .outerjoin(
        settlement,
        and_(settlement.c.market_id == every_bet.c.market_id, settlement.c.version == _IN_FORCE),
    )
    .outerjoin(
        settlement_line,
        and_(
            settlement_line.c.bet_id == every_bet.c.id,
            settlement_line.c.version == settlement.c.version,
        ),
    )
)


def _my_bet(row: Row[*tuple[object, ...]]) -> MyBet:
    over = row.outcome is not None and not row.cancelled
    return MyBet(
        id=row.id,
        reference=reference_of(row.transfer_id),
        placed_at=row.placed_at,
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
        late=over and not row.refunded and row.kind == "refund",
        cancelled=row.cancelled,
    )
