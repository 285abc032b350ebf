"""Use case: a caller becomes a player."""

from contextlib import suppress

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.keyed_hash import Pepper
from core.ledger import book
from core.players.phone_code import Purpose, ask_code
from core.players.records import Player, Status, get_player, player, player_pin
from core.players.rules import AlreadyRegistered, CodesHeld
from core.players.secret import hash_pin
from core.text import Language


def register(
    connection: Connection,
    *,
    phone: str,
    full_name: str,
    pin: str,
    language: Language,
    pepper: Pepper,
) -> Player:
    """Create the player with a wallet and a PIN, and ask for the code that proves the number.

    The values must have passed the validators. Where no code may be sent now the player is there
    all the same, and asks again later. Raises AlreadyRegistered, also when two registrations of
    one number race.
    """
    row = insert(player).values(phone=phone, full_name=full_name, language=language)
    player_id = connection.execute(
        row.on_conflict_do_nothing(index_elements=["phone"]).returning(player.c.id)
    ).scalar_one_or_none()
    if player_id is None:
        raise AlreadyRegistered
    connection.execute(
        player_pin.insert().values(
            player_id=player_id, hash=hash_pin(pin, player_id=player_id, pepper=pepper)
        )
    )
    book.open_wallet(connection, player_id=player_id)
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act="player.registered",
        subject=subject,
        after={"status": Status.UNVERIFIED, "language": language},
    )
    with suppress(CodesHeld):
        ask_code(connection, player_id=player_id, purpose=Purpose.VERIFY)
    return get_player(connection, player_id=player_id)
