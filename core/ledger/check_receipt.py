"""Tells a player what a receipt was for, and whether it is sealed."""

from sqlalchemy import Connection

from core.errors import Refused
from core.ledger.reference import transfer_of
from core.ledger.statement import StatementLine, find_line
from core.text import _


class NoSuchReceipt(Refused):
    """No movement of this player's money has this reference."""

    def __init__(self) -> None:
        super().__init__(_("No receipt of yours has that reference."))


def check_receipt(connection: Connection, *, player_id: int, typed: str) -> StatementLine:
    """The movement of this player's money that a receipt's reference stands for.

    Raises NoSuchReceipt, also for somebody else's: who won is told to nobody.
    """
    transfer_id = transfer_of(typed)
    line = None
    if transfer_id is not None:
        line = find_line(connection, player_id=player_id, transfer_id=transfer_id)
    if line is None:
        raise NoSuchReceipt
    return line
