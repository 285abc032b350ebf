"""Use case: the person with the phone proves to be the player."""

from datetime import datetime

import structlog
from sqlalchemy import (
    Connection,
    Engine,
    Row,
    Text,
    bindparam,
    case,
    cast,
    func,
    literal,
    or_,
    select,
    update,
)

from core.audit_trail.records import record, recording
from core.database import at_once, in_transaction
from core.keyed_hash import Pepper
from core.players.records import NO_PIN, player, player_pin
from core.players.rules import (
    PIN_LOCKS,
    PIN_TRIES_BEFORE_RESET,
    AccountLocked,
    PinLocked,
    WrongPin,
    parse_pin,
)
from core.players.secret import pin_matches

log = structlog.get_logger()

_THIS_PLAYER = player_pin.c.player_id == bindparam("who")
_LOCKED_AT = (
    select(player.c.locked_at).where(player.c.id == player_pin.c.player_id).scalar_subquery()
)
_WHO = literal("player:").concat(cast(bindparam("who"), Text))
_this_try = player_pin.c.wrong_tries + 1
_COUNT_TRY = (
    update(player_pin)
    .where(
        _THIS_PLAYER,
        player_pin.c.wrong_tries < PIN_TRIES_BEFORE_RESET,
        _LOCKED_AT.is_(None),
        or_(
            player_pin.c.locked_until.is_(None),
            player_pin.c.locked_until <= func.kibeezy_now(),
        ),
    )
    .values(
        wrong_tries=_this_try,
        locked_until=case(
            *(
                (_this_try == number, func.kibeezy_now() + lock)
                for number, lock in PIN_LOCKS.items()
            )
        ),
    )
    .returning(player_pin.c.hash, player_pin.c.wrong_tries, player_pin.c.locked_until)
)
# Who it was, in the statement that there is anyway: this one stands in the way of a bet.
_SIGN_IN = recording(actor=_WHO, act="pin.proven", subject=_WHO)
_FORGET_TRIES = (
    update(player_pin)
    # A PIN that staff threw away while it was looked at stays away.
    .where(_THIS_PLAYER, player_pin.c.hash != NO_PIN)
    .values(wrong_tries=0, locked_until=None)
    .add_cte(_SIGN_IN)
)
_LOCK = select(
    player_pin.c.wrong_tries,
    player_pin.c.locked_until,
    _LOCKED_AT.label("locked_at"),
    func.kibeezy_now().label("now"),
).where(_THIS_PLAYER)


def check_pin(database: Engine, *, player_id: int, typed: str, pepper: Pepper) -> None:
    """Return if this is the player's PIN.

    The try is counted and committed, in one statement, before the PIN is looked at, so neither
    a crash nor parallel guesses give free tries: 3 wrong lock for 15 minutes, 6 for a day, 9
    until the number is proven again. Raises InvalidPin and AccountLocked (not counted), WrongPin or
    PinLocked.
    """
    pin = parse_pin(typed)
    who = {"who": player_id}
    counted = at_once(database, _COUNT_TRY, who)
    if not counted:
        (locked,) = at_once(database, _LOCK, who)
        if locked.locked_at is not None:
            raise AccountLocked
        _record(database, player_id, "pin.refused", locked)
        raise PinLocked(_until(locked))
    (tried,) = counted
    if pin_matches(tried.hash, pin, player_id=player_id, pepper=pepper):
        at_once(database, _FORGET_TRIES, who)
        return
    log.warning("wrong_pin", player=player_id, tries=tried.wrong_tries)
    _record(database, player_id, "pin.wrong", tried)
    if tried.wrong_tries in PIN_LOCKS or tried.wrong_tries >= PIN_TRIES_BEFORE_RESET:
        _record(database, player_id, "pin.locked", tried)
        raise PinLocked(_until(tried))
    raise WrongPin


def is_pin_locked(connection: Connection, *, player_id: int) -> bool:
    """Whether no PIN is taken from this player now."""
    pin = connection.execute(_LOCK, {"who": player_id}).one()
    for_now: bool = pin.locked_until is not None and pin.locked_until > pin.now
    return for_now or pin.wrong_tries >= PIN_TRIES_BEFORE_RESET


def _record(database: Engine, player_id: int, act: str, row: Row[*tuple[object, ...]]) -> None:
    until = _until(row)
    subject = f"player:{player_id}"
    in_transaction(
        database,
        lambda connection: record(
            connection,
            actor=subject,
            act=act,
            subject=subject,
            wrong_tries=row.wrong_tries,
            locked_until=None if until is None else until.isoformat(),
        ),
    )


def _until(row: Row[*tuple[object, ...]]) -> datetime | None:
    """When the lock ends by itself; None where only a new PIN ends it."""
    if row.wrong_tries >= PIN_TRIES_BEFORE_RESET:
        return None
    until: datetime | None = row.locked_until
    return until
