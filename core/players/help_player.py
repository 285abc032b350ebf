"""Who of the staff may change how a player stands, and whose account is nobody's to change."""

from sqlalchemy import Connection

from core.errors import Refused
from core.players.records import Player, Status, lock_player
from core.staff.records import PEOPLE_ROLES, Admin
from core.text import _


class OwnAccount(Refused):
    """Nobody looks after an account that has the admin's own number."""

    def __init__(self) -> None:
        super().__init__(_("That is your own account. A colleague must do it."))


class HasLeft(Refused):
    """What is closed stays as it was."""

    def __init__(self, phone: str) -> None:
        super().__init__(_("{phone} has closed the account. Nothing changes there.", phone=phone))


def hold_player(connection: Connection, *, player_id: int, by: Admin) -> Player:
    """The player, held until the transaction ends, whom this admin may help.

    Raises NotAllowed, NoSuchThing, OwnAccount or HasLeft.
    """
    by.ensure_role(PEOPLE_ROLES)
    found = lock_player(connection, player_id=player_id)
    if found.phone == by.phone:
        raise OwnAccount
    if found.status is Status.CLOSED:
        raise HasLeft(found.phone)
    return found
