"""What a player may take out now."""

from sqlalchemy import Connection

from core.deposits.unconfirmed import unconfirmed
from core.ledger import book
from core.ledger.book import InsufficientFunds
from core.money import Money


def withdrawable(connection: Connection, *, player_id: int) -> Money:
    """Available, less what only a callback vouches for, less what the player owes; never below 0.

    It tells the truth beforehand; ensure_covered, after the money is held, decides.
    """
    return max(_left(connection, player_id), Money(0))


def ensure_covered(connection: Connection, *, player_id: int) -> None:
    """Raises InsufficientFunds where more was held than could be withdrawn.

    The caller has just posted to the player's wallet, and so holds it until it commits.
    """
    if _left(connection, player_id) < Money(0):
        raise InsufficientFunds


def _left(connection: Connection, player_id: int) -> Money:
    return (
        book.available(connection, player_id=player_id)
        - unconfirmed(connection, player_id=player_id)
        - book.owed(connection, player_id=player_id)
    )
