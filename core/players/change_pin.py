"""Use cases: a new PIN, chosen by who knows the old one or by who holds the number."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.database import now
from core.keyed_hash import Pepper
from core.notices import texts
from core.notices.notify import notify
from core.players.pause_withdrawals import pause_withdrawals
from core.players.records import get_player, player_pin
from core.players.rules import PAUSE_AFTER_PIN_RESET, parse_new_pin
from core.players.secret import hash_pin


def change_pin(connection: Connection, *, player_id: int, new_pin: str, pepper: Pepper) -> None:
    """Replace the PIN; the caller has proven the old one. Raises InvalidPin or WeakPin."""
    _replace(connection, player_id, new_pin, pepper, act="player.pin_changed")


def reset_pin(connection: Connection, *, player_id: int, new_pin: str, pepper: Pepper) -> None:
    """Replace a forgotten PIN, lift its lock, and pause withdrawals for a day.

    The caller has used up a code for this purpose. The pause gives the owner of a stolen SIM
    time to notice. Raises InvalidPin or WeakPin.
    """
    _replace(connection, player_id, new_pin, pepper, act="player.pin_reset")
    until = now(connection) + PAUSE_AFTER_PIN_RESET
    pause_withdrawals(connection, player_id=player_id, until=until)


def _replace(
    connection: Connection, player_id: int, new_pin: str, pepper: Pepper, *, act: str
) -> None:
    owner = get_player(connection, player_id=player_id)
    pin = parse_new_pin(new_pin, phone=owner.phone)
    connection.execute(
        player_pin.update()
        .where(player_pin.c.player_id == player_id)
        .values(
            hash=hash_pin(pin, player_id=player_id, pepper=pepper),
            wrong_tries=0,
            locked_until=None,
            changed_at=func.kibeezy_now(),
        )
    )
    subject = f"player:{player_id}"
    record(connection, actor=subject, act=act, subject=subject, after={"wrong_tries": 0})
    notify(
        connection,
        player_id=owner.id,
        phone=owner.phone,
        language=owner.language,
        kind="pin_changed",
        text=texts.pin_changed(),
    )
