"""What a player may play with but not withdraw yet."""

from sqlalchemy import Connection, func, select

from core.deposits.records import deposit
from core.deposits.rules import DepositState
from core.money import Money


def unconfirmed(connection: Connection, *, player_id: int) -> Money:
    """The sum of deposits that only a callback vouches for; withdrawable is available less this.

    What is frozen of them, and the excise on them, is not available anyhow, so it does not count.
    """
    query = select(
        func.coalesce(
            func.sum(deposit.c.amount_cents - deposit.c.excise_cents - deposit.c.frozen_cents), 0
        )
    ).where(
        deposit.c.player_id == player_id,
        deposit.c.state == DepositState.SUCCEEDED,
        deposit.c.confirmed_at.is_(None),
    )
    return Money(int(connection.execute(query).scalar_one()))
