"""Which deposits there are, for an operator."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection, func, select

from core.deposits.records import Deposit, deposit, read_deposit
from core.deposits.rules import DepositState
from core.players.records import player

MOST_LISTED: Final = 200


@dataclass(frozen=True)
class ListedDeposit:
    """A deposit and whose it is."""

    deposit: Deposit
    phone: str


def list_deposits(
    connection: Connection, *, state: DepositState | None, only_under_review: bool
) -> list[ListedDeposit]:
    """The newest deposits first, at most MOST_LISTED; of one state where one is given."""
    query = (
        select(deposit, player.c.phone, func.kibeezy_now().label("now"))
        .join(player, player.c.id == deposit.c.player_id)
        .order_by(deposit.c.id.desc())
        .limit(MOST_LISTED)
    )
    if state is not None:
        query = query.where(deposit.c.state == state)
    if only_under_review:
        query = query.where(deposit.c.review.is_not(None))
    return [ListedDeposit(read_deposit(row), row.phone) for row in connection.execute(query)]
