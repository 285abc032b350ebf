"""Use case: staff let a player in again, another person than the one who locked."""

from sqlalchemy import Connection, select

from core.audit_trail.records import record
from core.errors import Refused
from core.notices import staff_texts
from core.notices.notify import notify
from core.players.help_player import hold_player
from core.players.records import Status, get_player, player
from core.staff.records import Admin, Role
from core.staff_input import parse_free_text
from core.text import _


class LockedByYou(Refused):
    """Whoever was talked into one thing by a caller is soon talked into the other."""

    def __init__(self) -> None:
        super().__init__(_("You locked this account, so a colleague or an owner must unlock it."))


def unlock_account(connection: Connection, *, player_id: int, why: str, by: Admin) -> bool:
    """Let the player sign in, bet, deposit and withdraw again.

    Another admin than the one who locked does it, or an owner. A repeat changes nothing: returns
    whether it did. The player is told by SMS. Raises what hold_player does, InvalidFreeText or
    LockedByYou.
    """
    found = hold_player(connection, player_id=player_id, by=by)
    reason = parse_free_text(why, what=_("The reason"))
    if found.status is not Status.LOCKED:
        return False
    locked_by = connection.execute(
        select(player.c.locked_by).where(player.c.id == player_id)
    ).scalar_one()
    if locked_by == by.email and by.role is not Role.OWNER:
        raise LockedByYou
    change = player.update().where(player.c.id == player_id)
    connection.execute(change.values(locked_at=None, locked_by=None, locked_why=None))
    record(
        connection,
        actor=by.email,
        act="player.unlocked",
        subject=f"player:{player_id}",
        before={"status": Status.LOCKED},
        after={"status": get_player(connection, player_id=player_id).status},
        why=reason,
    )
    notify(
        connection,
        player_id=player_id,
        phone=found.phone,
        language=found.language,
        kind="account_unlocked",
        text=staff_texts.account_unlocked(),
    )
    return True
