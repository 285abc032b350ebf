"""Use cases: a new PIN, chosen by who knows the old one or by who holds the number."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.database import now
from core.keyed_hash import Pepper
from core.notices import texts
from core.notices.notify import notify
from core.players.pause_withdrawals import pause_withdrawals
from core.players.records import NO_PIN, Status, lock_player, player_pin
from core.players.rules import PAUSE_AFTER_PIN_RESET, AccountLocked, PinLocked, parse_new_pin
from core.players.secret import hash_pin


def change_pin(connection: Connection, *, player_id: int, new_pin: str, pepper: Pepper) -> None:
    """Replace the PIN; the caller has proven the old one.

    Raises InvalidPin, WeakPin, AccountLocked, or PinLocked where the old one was thrown away since.
    """
    _replace(connection, player_id, new_pin, pepper, act="player.pin_changed")


def reset_pin(connection: Connection, *, player_id: int, new_pin: str, pepper: Pepper) -> None:
    """Replace a forgotten PIN, lift its lock, and pause withdrawals for a day.

    The caller has used up a code for this purpose. The pause gives the owner of a stolen SIM
    time to notice. Raises InvalidPin, WeakPin or AccountLocked.
    """
    _replace(connection, player_id, new_pin, pepper, act="player.pin_reset")
    until = now(connection) + PAUSE_AFTER_PIN_RESET
    pause_withdrawals(connection, player_id=player_id, until=until, because="new PIN by a code")


def _replace(
    connection: Connection, player_id: int, new_pin: str, pepper: Pepper, *, act: str
) -> None:
    # Held, so that no new PIN is set behind the back of whoever locks the account.
    owner = lock_player(connection, player_id=player_id)
    if owner.status is Status.LOCKED:
        raise AccountLocked
    pin = parse_new_pin(new_pin, phone=owner.phone)
    change = player_pin.update().where(player_pin.c.player_id == player_id)
    if act == "player.pin_changed":
        change = change.where(player_pin.c.hash != NO_PIN)
    changed = connection.execute(
        change.values(
            hash=hash_pin(pin, player_id=player_id, pepper=pepper),
            wrong_tries=0,
            locked_until=None,
            changed_at=func.kibeezy_now(),
        )
    )
    if changed.rowcount == 0:
        raise PinLocked(None)
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
