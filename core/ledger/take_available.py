"""Takes what there is from a wallet, where less than was wanted may be left in it."""

from collections.abc import Callable
from typing import Final, TypeVar

from sqlalchemy import Connection

from core.ledger import book
from core.ledger.book import InsufficientFunds
from core.money import Money

Result = TypeVar("Result")

# Each further one means that the player spent something in the very moment before.
ATTEMPTS: Final = 10


def take_available(
    connection: Connection, *, player_id: int, take: Callable[[Money], Result]
) -> Result:
    """Have `take` post what is right for the money that is available, in a savepoint.

    Nobody holds a wallet between reading it and posting, so where a bet was faster, it is read
    again. Raises InsufficientFunds after ATTEMPTS, and whatever else `take` raises.
    """
    for _attempt in range(ATTEMPTS):
        there = book.available(connection, player_id=player_id)
        try:
            with connection.begin_nested():
                return take(there)
        except InsufficientFunds:
            continue
    raise InsufficientFunds
