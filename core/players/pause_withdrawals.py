"""Use case: a player's withdrawals wait, since whoever holds the phone may not be the player."""

from datetime import datetime

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.players.records import get_player, player


def pause_withdrawals(
    connection: Connection, *, player_id: int, until: datetime, because: str
) -> None:
    """Let no withdrawal be asked for until then; a longer pause is never cut short.

    `because` is for whoever helps the player, in a few words.
    """
    longer = func.greatest(func.coalesce(player.c.withdrawals_paused_until, until), until)
    change = player.update().where(player.c.id == player_id)
    before = get_player(connection, player_id=player_id).withdrawals_paused_until
    paused = change.values(withdrawals_paused_until=longer)
    after = connection.execute(paused.returning(player.c.withdrawals_paused_until)).scalar_one()
    subject = f"player:{player_id}"
    record(
        connection,
        actor="system",
        act="player.withdrawals_paused",
        subject=subject,
        before={"withdrawals_paused_until": None if before is None else before.isoformat()},
        after={"withdrawals_paused_until": None if after is None else after.isoformat()},
        because=because,
    )
