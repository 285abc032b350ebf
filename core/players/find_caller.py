"""Who is calling, and what the first page must know, on one trip to the database."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from core.notices.missed import newest_missed
from core.players.records import NO_PIN, Player, player, player_from, player_pin
from core.switches.records import stopped_kinds
from core.switches.rules import Switch


@dataclass(frozen=True)
class Caller:
    """A player who dials; `missed` is the id of the newest receipt that did not arrive.

    `has_pin` is False from when staff threw the PIN away until a new one is chosen. `stopped` are
    the kinds of money that cannot be asked for now.
    """

    player: Player
    missed: int | None
    has_pin: bool
    stopped: frozenset[Switch] = frozenset()


def find_caller(connection: Connection, *, phone: str) -> Caller | None:
    """The player with this number, as +254…, or None."""
    row = connection.execute(_CALLER.where(player.c.phone == phone)).one_or_none()
    if row is None:
        return None
    stopped = frozenset(Switch(kind) for kind in row.stopped)
    return Caller(player_from(row), row.missed, row.has_pin, stopped)


_CALLER = select(
    player,
    func.kibeezy_now().label("now"),
    newest_missed(player.c.id).label("missed"),
    select(player_pin.c.hash != NO_PIN)
    .where(player_pin.c.player_id == player.c.id)
    .scalar_subquery()
    .label("has_pin"),
    stopped_kinds().label("stopped"),
)
