"""What a correction takes back from those whom the result before it paid."""

from typing import NamedTuple

from sqlalchemy import Connection, Subquery, case, func, select

from core.ledger.records import account, balance
from core.ledger.transfer import AccountKind
from core.markets.market import Market
from core.markets.records import settlement_line
from core.money import Money


class TakenBack(NamedTuple):
    """What was paid to so many players and is reversed, before anything is paid anew.

    `uncovered` is what their wallets lack at this moment, over what they are paid anew: they will
    owe it.
    """

    reversed: Money
    players: int
    uncovered: Money


def taken_back(connection: Connection, *, market: Market, lines: Subquery) -> TakenBack | None:
    """What settling by these lines takes back; None where nothing was settled before."""
    if market.version == 1:
        return None
    before = (
        select(settlement_line.c.player_id, func.sum(settlement_line.c.payout_cents).label("cents"))
        .where(
            settlement_line.c.market_id == market.id,
            settlement_line.c.version == market.version - 1,
        )
        .group_by(settlement_line.c.player_id)
        .subquery("before")
    )
    now = (
        select(lines.c.player_id, func.sum(lines.c.payout_cents).label("cents"))
        .group_by(lines.c.player_id)
        .subquery("now")
    )
    lacking = before.c.cents - func.coalesce(now.c.cents, 0) - func.coalesce(balance.c.cents, 0)
    query = (
        select(
            func.coalesce(func.sum(before.c.cents), 0).label("reversed"),
            func.count(case((before.c.cents > 0, 1))).label("players"),
            func.coalesce(func.sum(func.greatest(lacking, 0)), 0).label("uncovered"),
        )
        .select_from(before)
        .outerjoin(now, now.c.player_id == before.c.player_id)
        .outerjoin(
            account,
            (account.c.owner == before.c.player_id)
            & (account.c.kind == AccountKind.PLAYER_AVAILABLE),
        )
        .outerjoin(balance, balance.c.account_id == account.c.id)
    )
    row = connection.execute(query).one()
    return TakenBack(Money(int(row.reversed)), row.players, Money(int(row.uncovered)))
