"""Use case: the person with the phone proves to be the player."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Engine, select

from core.database import in_transaction, now
from core.keyed_hash import Pepper
from core.players.records import player_pin
from core.players.rules import (
    PIN_LOCKS,
    PIN_TRIES_BEFORE_RESET,
    PinLocked,
    WrongPin,
    parse_pin,
)
from core.players.secret import pin_matches


def check_pin(database: Engine, *, player_id: int, typed: str, pepper: Pepper) -> None:
    """Return if this is the player's PIN.

    The try is counted in its own committed transaction before the PIN is looked at, so neither
    a crash nor parallel guesses give free tries: 3 wrong lock for 15 minutes, 6 for a day, 9
    until the number is proven again. Raises InvalidPin (not counted), WrongPin or PinLocked.
    """
    pin = parse_pin(typed)
    tried = in_transaction(database, lambda c: _count_try(c, player_id))
    if not pin_matches(tried.hash, pin, player_id=player_id, pepper=pepper):
        if tried.number in PIN_LOCKS or tried.number >= PIN_TRIES_BEFORE_RESET:
            raise PinLocked(tried.locks_until)
        raise WrongPin
    in_transaction(database, lambda c: _forget_tries(c, player_id))


@dataclass(frozen=True)
class _Try:
    hash: str
    number: int
    locks_until: datetime | None


def _count_try(connection: Connection, player_id: int) -> _Try:
    query = select(player_pin).where(player_pin.c.player_id == player_id).with_for_update()
    pin = connection.execute(query).one()
    moment = now(connection)
    if pin.wrong_tries >= PIN_TRIES_BEFORE_RESET:
        raise PinLocked(None)
    if pin.locked_until is not None and pin.locked_until > moment:
        raise PinLocked(pin.locked_until)
    number = pin.wrong_tries + 1
    locked_until = moment + PIN_LOCKS[number] if number in PIN_LOCKS else None
    change = player_pin.update().where(player_pin.c.player_id == player_id)
    connection.execute(change.values(wrong_tries=number, locked_until=locked_until))
    return _Try(pin.hash, number, locked_until)


def _forget_tries(connection: Connection, player_id: int) -> None:
    change = player_pin.update().where(player_pin.c.player_id == player_id)
    connection.execute(change.values(wrong_tries=0, locked_until=None))
