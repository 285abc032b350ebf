"""What the player of a withdrawal is told by SMS."""

from sqlalchemy import Connection

from core.notices import texts
from core.notices.notify import notify, was_told
from core.players.records import get_player
from core.text import Text
from core.withdrawals.records import Withdrawal


def tell(connection: Connection, found: Withdrawal, *, kind: str, text: Text) -> None:
    """Queue one SMS to whose money it is, in the player's language; a repeat is a second one."""
    payee = get_player(connection, player_id=found.player_id)
    notify(
        connection,
        player_id=payee.id,
        phone=payee.phone,
        language=payee.language,
        kind=kind,
        text=text,
    )


def tell_looked_at(connection: Connection, found: Withdrawal) -> None:
    """Say that people look at it first, and that the money is safe."""
    words = texts.withdrawal_looked_at(amount=found.amount, reference=found.reference)
    tell(connection, found, kind="withdrawal_looked_at", text=words)


def tell_waiting(connection: Connection, found: Withdrawal) -> None:
    """Say that there is no answer yet, and that the money is safe. A repeat says nothing."""
    kind = "withdrawal_waits"
    words = texts.withdrawal_waits(amount=found.amount, reference=found.reference)
    if not was_told(connection, player_id=found.player_id, kind=kind, text=words):
        tell(connection, found, kind=kind, text=words)
