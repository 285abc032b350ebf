"""Use cases: what players change about their own account."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.players.records import get_player, player
from core.text import Language

SHORTEST_BREAK: Final = timedelta(hours=24)
LONGEST_BREAK: Final = timedelta(days=183)


def choose_language(connection: Connection, *, player_id: int, language: Language) -> None:
    """Remember the language; a repeat changes nothing."""
    was = get_player(connection, player_id=player_id).language
    if was is language:
        return
    connection.execute(player.update().where(player.c.id == player_id).values(language=language))
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act="player.language",
        subject=subject,
        before={"language": was},
        after={"language": language},
    )


def take_break(connection: Connection, *, player_id: int, length: timedelta) -> datetime:
    """Keep the player out for so long; returns until when. A break can only be made longer."""
    assert SHORTEST_BREAK <= length <= LONGEST_BREAK, "a break is a day to six months"
    before = get_player(connection, player_id=player_id).break_until
    wanted = func.kibeezy_now() + length
    until = connection.execute(
        player.update()
        .where(player.c.id == player_id)
        .values(break_until=func.greatest(func.coalesce(player.c.break_until, wanted), wanted))
        .returning(player.c.break_until)
    ).scalar_one()
    assert isinstance(until, datetime)
    subject = f"player:{player_id}"
    record(
        connection,
        actor=subject,
        act="player.break",
        subject=subject,
        before={"break_until": None if before is None else before.isoformat()},
        after={"break_until": until.isoformat()},
    )
    return until
