"""The commands by which staff help a player who calls: lock, unlock, a new PIN, closing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import click
from sqlalchemy import Connection, Engine

from admin.commands.speaking import acting_as, plainly, say
from core.database import in_transaction
from core.errors import NoSuchThing
from core.markets.close_account import close_for_player
from core.phone import parse_phone
from core.players.lock_account import lock_account
from core.players.records import find_player
from core.players.throw_pin_away import throw_pin_away
from core.players.unlock_account import unlock_account
from core.staff.records import find_admin


@dataclass(frozen=True)
class _Help:
    """One act: what it is, what it does, and what is said of it and of its repeat."""

    name: str
    about: str
    do: Callable[..., bool | None]
    done: str
    again: str


_HELP: Final = (
    _Help(
        "lock",
        "Keep everybody out of the account: no sign-in, bet, deposit or withdrawal; money stays.",
        lock_account,
        "is locked, and was told by SMS.",
        "was locked already.",
    ),
    _Help(
        "unlock",
        "Let the player in again; not by who locked, unless an owner.",
        unlock_account,
        "is unlocked, and was told by SMS.",
        "was not locked.",
    ),
    _Help(
        "reset-pin",
        "Throw the PIN away: a code by SMS and a new PIN at the next dial; withdrawals wait a day.",
        throw_pin_away,
        "has no PIN until the next dial, and was told by SMS. Withdrawals wait 24 hours.",
        "has no PIN already.",
    ),
    _Help(
        "close",
        "Close the account for good, for a player who asked for it.",
        close_for_player,
        "has no account any more, and was told by SMS.",
        "had none.",
    ),
)


def add_helping(group: click.Group, database: Engine) -> None:
    """Add the commands to the group `player`."""
    for each in _HELP:
        _add(group, database, each)


def _add(group: click.Group, database: Engine, each: _Help) -> None:
    @group.command(each.name, help=each.about)
    @click.argument("phone")
    @click.option("--why", required=True, help="Why, for whoever asks later.")
    @acting_as
    @plainly
    def help_(phone: str, why: str, email: str) -> None:
        number = parse_phone(phone)

        def do(connection: Connection) -> bool:
            by = find_admin(connection, email=email)
            found = find_player(connection, phone=number)
            if found is None:
                raise NoSuchThing(f"player {number}")
            return each.do(connection, player_id=found.id, why=why, by=by) is not False

        said = each.done if in_transaction(database, do) else each.again
        say(f"{number} {said}")
