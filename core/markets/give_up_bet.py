"""What came of a bet whose player was cut off."""

from sqlalchemy import Connection, func, select


class StillAtWork(Exception):
    """A transaction is placing such a bet now."""


def give_up_bet(connection: Connection, *, player_id: int, scope: str, series: str) -> int | None:
    """The transfer of the player's last bet in this series of commands, or None for good.

    A series is what the keys of one call have in common: all but their last part. After None no
    bet is placed in it any more, whoever asks for it and however late: place_bet raises GivenUp.
    Asking again gives the same answer. Raises StillAtWork, and then nothing has changed.
    """
    found = connection.execute(select(func.give_up_bet(player_id, scope, series))).scalar_one()
    if found is None:
        raise StillAtWork
    return int(found) or None
