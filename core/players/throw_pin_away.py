"""Use case: staff throw a player's PIN away; only who has the number can choose the next."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.database import now
from core.notices import staff_texts
from core.notices.notify import notify
from core.players.help_player import hold_player
from core.players.pause_withdrawals import pause_withdrawals
from core.players.records import NO_PIN, player_pin
from core.players.rules import PAUSE_AFTER_PIN_RESET, PIN_TRIES_BEFORE_RESET
from core.staff.records import Admin
from core.staff_input import parse_free_text
from core.text import _


def throw_pin_away(connection: Connection, *, player_id: int, why: str, by: Admin) -> bool:
    """Let no PIN be the player's until a code by SMS has proven the number and a new one is set.

    Withdrawals wait a day from now, and a day from the new PIN. Nobody of the staff sees a PIN or
    chooses one. A repeat before there is a new one changes nothing: returns whether it did. The
    player is told by SMS. Raises what hold_player does, or InvalidFreeText.
    """
    found = hold_player(connection, player_id=player_id, by=by)
    reason = parse_free_text(why, what=_("The reason"))
    change = (
        player_pin.update()
        .where(player_pin.c.player_id == player_id, player_pin.c.hash != NO_PIN)
        .values(hash=NO_PIN, wrong_tries=PIN_TRIES_BEFORE_RESET, locked_until=None)
    )
    if connection.execute(change).rowcount == 0:
        return False
    record(
        connection,
        actor=by.email,
        act="player.pin_thrown_away",
        subject=f"player:{player_id}",
        before={"pin": "set"},
        after={"pin": "none"},
        why=reason,
    )
    until = now(connection) + PAUSE_AFTER_PIN_RESET
    pause_withdrawals(connection, player_id=player_id, until=until, because="PIN thrown away")
    notify(
        connection,
        player_id=player_id,
        phone=found.phone,
        language=found.language,
        kind="pin_thrown_away",
        text=staff_texts.pin_thrown_away(),
    )
    return True
