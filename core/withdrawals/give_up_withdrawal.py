"""Use case: find out what came of a withdrawal whose answer was lost, and end it where nothing did.

The next dial tells the player; from then on a late PIN of that call moves nothing (ADR 21).
"""

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from core.errors import Refused
from core.ledger.transfer import Key
from core.text import _

_HOLD = text("SELECT hold_series(:player, :scope, :key)")
_GIVE_UP = text("SELECT give_up_withdrawal(:player, :scope, :series)")


class StillAtWork(Exception):
    """The withdrawal is being made at this moment."""


class WithdrawalGivenUp(Refused):
    """The player has been told that this withdrawal was not made."""

    def __init__(self) -> None:
        super().__init__(_("Your last withdrawal was not made. No money was taken."))


def hold_series(connection: Connection, *, player_id: int, key: Key) -> None:
    """Hold the key's call until the transaction ends. Raises WithdrawalGivenUp."""
    values = {"player": player_id, "scope": key.scope, "key": key.value}
    try:
        connection.execute(_HOLD, values)
    except DBAPIError as error:
        if sql_state(error) == "KB009":
            raise WithdrawalGivenUp from None
        raise


def give_up_withdrawal(
    connection: Connection, *, player_id: int, scope: str, series: str
) -> int | None:
    """The hold's transfer of the withdrawal made in this call; None where none is or will be.

    Raises StillAtWork. Commit before telling: what is told must stay true. A repeat tells the same.
    """
    values = {"player": player_id, "scope": scope, "series": series}
    found = connection.execute(_GIVE_UP, values).scalar_one()
    if found is None:
        raise StillAtWork
    return found or None
