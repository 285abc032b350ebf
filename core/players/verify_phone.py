"""Use case: a player proves the number by the code that was sent to it."""

from sqlalchemy import Connection, Engine, func

from core.audit_trail.records import record
from core.database import in_transaction
from core.keyed_hash import Pepper
from core.players.phone_code import Purpose, use_code
from core.players.records import get_player, player


def verify_phone(database: Engine, *, player_id: int, typed: str, pepper: Pepper) -> None:
    """Use up the code and mark the number as proven, both or neither; a proven one stays so.

    Raises InvalidCode, WrongCode, CodeExpired or CodeLocked.
    """
    known = in_transaction(database, lambda c: get_player(c, player_id=player_id))
    if known.kyc_verified_at is not None:
        return
    use_code(
        database,
        player_id=player_id,
        purpose=Purpose.VERIFY,
        typed=typed,
        pepper=pepper,
        then=lambda connection: _mark_verified(connection, player_id),
    )


def _mark_verified(connection: Connection, player_id: int) -> None:
    connection.execute(
        player.update()
        .where(player.c.id == player_id, player.c.kyc_verified_at.is_(None))
        .values(kyc_verified_at=func.kibeezy_now())
    )
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act="player.verified",
        subject=subject,
        before={"verified": "no"},
        after={"verified": "yes"},
    )
