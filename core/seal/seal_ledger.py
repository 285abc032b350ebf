"""Hashes what has become final into the next blocks of the chain."""

import time
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, Engine, func, select, text
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction, sql_state

# Rows of one block; only a single transaction that wrote more makes a larger one.
MOST_IN_A_BLOCK: Final = 20_000
# A transfer that waits longer is held up by a transaction that does not end, or by no worker.
LATE_AFTER: Final = timedelta(minutes=10)
# A block takes a second or two, but one transaction may have written a million rows, and with
# less patience nothing after it would ever be sealed.
_BLOCK_TIMEOUT: Final = text("SET LOCAL statement_timeout = '1h'")
_BEHIND_THE_CHAIN: Final = "KB013"


class SealBehind(Exception):
    """This database numbers its transactions behind the chain's: it was restored from a dump."""


def seal_ledger(
    database: Engine, *, most_seconds: float, most_in_a_block: int = MOST_IN_A_BLOCK
) -> int:
    """Seal what waits, each block in a transaction of its own; returns how many blocks.

    Begins no block after `most_seconds`: what is left waits for the next run. Where another
    sealer is at work this one leaves at once. Raises SealBehind.
    """
    end = time.monotonic() + most_seconds
    blocks = 0
    while in_transaction(database, lambda c: seal_next_block(c, most=most_in_a_block)) is not None:
        blocks += 1
        if time.monotonic() > end:
            break
    return blocks


def seal_next_block(connection: Connection, *, most: int = MOST_IN_A_BLOCK) -> int | None:
    """Write the next block and return its number; None where nothing waits or another seals.

    Final is what was written by transactions older than the oldest that still runs. A repeat
    seals what has come since. Raises SealBehind.
    """
    connection.execute(_BLOCK_TIMEOUT)
    try:
        number: int | None = connection.execute(select(func.seal_next_block(most))).scalar_one()
    except DBAPIError as error:
        if sql_state(error) == _BEHIND_THE_CHAIN:
            raise SealBehind from error
        raise
    return number
