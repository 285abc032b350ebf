"""Who is calling, and what the first page must know, on one trip to the database."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.notices.missed import newest_missed
from core.players.records import Player, player, player_from


@dataclass(frozen=True)
class Caller:
    """A player who dials; `missed` is the id of the newest receipt that did not arrive."""

    player: Player
    missed: int | None


def find_caller(connection: Connection, *, phone: str) -> Caller | None:
    """The player with this number, as +254…, or None."""
    row = connection.execute(_CALLER.where(player.c.phone == phone)).one_or_none()
    return None if row is None else Caller(player_from(row), row.missed)


_CALLER = select(
    player, func.kibeezy_now().label("now"), newest_missed(player.c.id).label("missed")
)
