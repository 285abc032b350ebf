"""A player's newest payments of every kind, in one list."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from core.inquiries.records import PaymentKind
from core.money import Money

# Each part reads the newest of its index.
_NEWEST = text(
    """
    SELECT * FROM (
        (SELECT 'deposit' AS kind, id, requested_at AS at, amount_cents, state, receipt,
             review IS NOT NULL AS doubted
         FROM deposit WHERE player_id = :player_id ORDER BY requested_at DESC LIMIT :limit)
        UNION ALL
        (SELECT 'withdrawal', id, requested_at, amount_cents, state, receipt, review IS NOT NULL
         FROM withdrawal WHERE player_id = :player_id ORDER BY id DESC LIMIT :limit)
        UNION ALL
        (SELECT 'paybill', id, heard_at, amount_cents, state, receipt, false
         FROM paybill_payment WHERE player_id = :player_id ORDER BY heard_at DESC LIMIT :limit)
    ) payment ORDER BY at DESC LIMIT :limit
    """
)


@dataclass(frozen=True)
class PaymentOfPlayer:
    """One payment; `doubted` where a person must look at it."""

    kind: PaymentKind
    id: int
    at: datetime
    amount: Money
    state: str
    receipt: str | None
    doubted: bool


def payments_of_player(
    connection: Connection, *, player_id: int, limit: int
) -> list[PaymentOfPlayer]:
    """The newest payments, at most so many, the newest first."""
    rows = connection.execute(_NEWEST, {"player_id": player_id, "limit": limit})
    return [
        PaymentOfPlayer(
            PaymentKind(row.kind),
            row.id,
            row.at,
            Money(row.amount_cents),
            row.state,
            row.receipt,
            row.doubted,
        )
        for row in rows
    ]
