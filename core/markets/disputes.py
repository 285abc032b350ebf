"""Reading who disputes a proposed result, and what was ruled."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from core.markets.market import Market
from core.markets.records import dispute
from core.markets.records import market as market_table
from core.markets.rules import ResultDisputed, Ruling
from core.players.records import player
from core.staff.records import Admin, admin
from core.staff.rules import SameAdmin
from core.text import _

# The kind of the alarm that a disputed proposal raises.
ALARM: Final = "dispute"


@dataclass(frozen=True)
class Dispute:
    """What a player says against a proposed result, and what a third admin said to that.

    `stands` while the proposal it is about is the market's present one.
    """

    player_id: int
    phone: str
    raised_at: datetime
    stands: bool
    ruling: Ruling | None
    ruled_by: str | None
    reason: str | None


def list_disputes(connection: Connection, *, market: Market) -> list[Dispute]:
    """Every dispute there was about this market, the oldest first."""
    query = (
        select(dispute, player.c.phone, admin.c.email)
        .join(player, player.c.id == dispute.c.player_id)
        .outerjoin(admin, admin.c.id == dispute.c.ruled_by)
        .where(dispute.c.market_id == market.id)
        .order_by(dispute.c.id)
    )
    return [
        Dispute(
            player_id=row.player_id,
            phone=row.phone,
            raised_at=row.raised_at,
            stands=row.proposed_at == market.proposed_at,
            ruling=None if row.ruling is None else Ruling(row.ruling),
            ruled_by=row.email,
            reason=row.reason,
        )
        for row in connection.execute(query)
    ]


def is_being_disputed(connection: Connection, *, market: Market) -> bool:
    """Whether the result that is proposed now waits for a ruling."""
    waiting = exists().where(about_proposal(market), dispute.c.ruling.is_(None))
    return connection.execute(select(waiting)).scalar_one()


def ensure_undisputed(connection: Connection, *, market: Market, by: Admin) -> None:
    """Raise ResultDisputed while a ruling is missing, or SameAdmin for whoever ruled."""
    rulings = select(dispute.c.ruling, dispute.c.ruled_by).where(about_proposal(market)).distinct()
    found = connection.execute(rulings).all()
    if any(row.ruling != Ruling.DISMISSED for row in found):
        raise ResultDisputed
    if any(row.ruled_by == by.id for row in found):
        raise SameAdmin(_("ruled on its dispute"))


def alarm_subject(market: Market) -> str:
    """What the alarm about a disputed proposal is about: each proposal rings by itself."""
    assert market.proposed_at is not None
    return f"market:{market.id}:proposed:{market.proposed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


# Whether the market of a query waits for a ruling.
is_disputed: ColumnElement[bool] = exists().where(
    dispute.c.market_id == market_table.c.id,
    dispute.c.proposed_at == market_table.c.proposed_at,
    dispute.c.ruling.is_(None),
)


def about_proposal(market: Market) -> ColumnElement[bool]:
    """The disputes of the result that is proposed now."""
    return and_(dispute.c.market_id == market.id, dispute.c.proposed_at == market.proposed_at)
