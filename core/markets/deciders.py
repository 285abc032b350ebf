"""Who may not decide: nobody with a stake in the answer."""

from sqlalchemy import Connection, select

from core.markets.market import Market
from core.markets.records import bet
from core.markets.rules import BetInMarket, Outcome
from core.players.records import player
from core.staff.records import Admin, admin


def ensure_no_bet(connection: Connection, *, market: Market, outcome: Outcome, by: Admin) -> None:
    """Raise BetInMarket if an admin who acts on this market has a bet in it.

    A bet of its creator, an editor or its approver leaves one way: a void by two others, which
    gives it back.
    """
    acting = {by.id, market.proposed_by}
    if outcome is not Outcome.VOID:
        acting |= {market.created_by, market.approved_by, *market.edited_by}
    query = (
        select(admin.c.email)
        .join(player, player.c.phone == admin.c.phone)
        .join(bet, bet.c.player_id == player.c.id)
        .where(bet.c.market_id == market.id, admin.c.id.in_(acting - {None}))
        .limit(1)
    )
    email = connection.execute(query).scalar_one_or_none()
    if email is not None:
        raise BetInMarket(email)
