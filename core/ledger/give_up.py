"""What came of a command whose answer was lost."""

from sqlalchemy import Connection, func, select

from core.ledger.transfer import Key


class StillAtWork(Exception):
    """A transaction is carrying out the command now."""


def give_up(connection: Connection, *, key: Key) -> int | None:
    """The transfer under this key, or None and the certainty that there never will be one.

    Asking again gives the same answer. Only commands that read their situation under the key's
    lock can be given up: bets. Raises StillAtWork, and then nothing has changed.
    """
    found = connection.execute(select(func.give_up(key.scope, key.value))).scalar_one()
    if found is None:
        raise StillAtWork
    return int(found) or None
