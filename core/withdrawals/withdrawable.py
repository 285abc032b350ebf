"""What a player may take out now."""

from sqlalchemy import Connection, func, select

from core.deposits.unconfirmed import unconfirmed
from core.ledger import book
from core.ledger.records import account, entry
from core.ledger.transfer import AccountKind
from core.money import Money


def withdrawable(connection: Connection, *, player_id: int) -> Money:
    """Available, less what only a callback vouches for, less what the player owes; never below 0.

    Holding the money is what decides; this only tells the truth beforehand.
    """
    left = (
        book.available(connection, player_id=player_id)
        - unconfirmed(connection, player_id=player_id)
        - owed(connection, player_id=player_id)
    )
    return max(left, Money(0))


def owed(connection: Connection, *, player_id: int) -> Money:
    """What was paid to the player twice and was not there to be taken back."""
    query = (
        select(func.coalesce(-func.sum(entry.c.cents), 0))
        .join(account, account.c.id == entry.c.account_id)
        .where(account.c.kind == AccountKind.PLAYER_CLAWBACK, account.c.owner == player_id)
    )
    return Money(int(connection.execute(query).scalar_one()))
