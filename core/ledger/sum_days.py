"""Adds what is sealed to the sums of its days, so that nobody adds up every entry to read them."""

import time
from typing import Final

from sqlalchemy import Connection, Engine, func, select

from core.database import be_patient, in_transaction

# Of one transaction; only a single block that holds more makes a longer one.
MOST_TRANSFERS: Final = 50_000


def sum_days(database: Engine, *, most_seconds: float, most_transfers: int = MOST_TRANSFERS) -> int:
    """Sum up what was sealed since the last run; returns how many blocks.

    Each step is a transaction of its own, and none is begun after `most_seconds`. A repeat adds
    nothing twice, and two at once wait for each other.
    """
    end = time.monotonic() + most_seconds
    blocks = 0
    while step := in_transaction(database, lambda c: sum_next_blocks(c, most=most_transfers)):
        blocks += step
        if time.monotonic() > end:
            break
    return blocks


def sum_next_blocks(connection: Connection, *, most: int = MOST_TRANSFERS) -> int:
    """Add the next blocks that hold so many transfers, one at least; returns how many."""
    be_patient(connection)
    return int(connection.execute(select(func.sum_next_blocks(most))).scalar_one())
