"""Use case: staff keep everybody out of a player's account, whoever holds the phone."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.notices import staff_texts
from core.notices.notify import notify
from core.players.help_player import hold_player
from core.players.records import Status, player
from core.staff.records import Admin
from core.staff_input import parse_free_text
from core.text import _


def lock_account(connection: Connection, *, player_id: int, why: str, by: Admin) -> bool:
    """Let nobody sign in, bet, deposit or withdraw there until it is unlocked; money stays.

    What others owe the player comes in all the same: deposits that were asked for, payouts of bets
    that stand. A repeat changes nothing: returns whether it did. The player is told by SMS.
    Raises what hold_player does, or InvalidFreeText.
    """
    found = hold_player(connection, player_id=player_id, by=by)
    reason = parse_free_text(why, what=_("The reason"))
    if found.status is Status.LOCKED:
        return False
    change = player.update().where(player.c.id == player_id)
    connection.execute(
        change.values(locked_at=func.kibeezy_now(), locked_by=by.email, locked_why=reason)
    )
    record(
        connection,
        actor=by.email,
        act="player.locked",
        subject=f"player:{player_id}",
        before={"status": found.status},
        after={"status": Status.LOCKED},
        why=reason,
    )
    notify(
        connection,
        player_id=player_id,
        phone=found.phone,
        language=found.language,
        kind="account_locked",
        text=staff_texts.account_locked(),
    )
    return True
