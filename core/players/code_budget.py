"""How many codes go out: each costs money, and whoever is paid for SMS asks for many of them."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from core.clock import in_nairobi
from core.notices.budget import Budget, budget_of_day, spend
from core.players.rules import (
    CODES_A_DAY_TO_NEW_NUMBERS,
    CODES_A_DAY_TO_PROVEN_NUMBERS,
    CODES_AN_HOUR_TO_A_BLOCK,
    CodesHeld,
)

NEW: Final = "new_numbers"
PROVEN: Final = "proven_numbers"
# +254 and five digits: ten thousand numbers of one network.
BLOCK_LENGTH: Final = 9
_HOUR: Final = timedelta(hours=1)


def spend_code(connection: Connection, *, phone: str, proven: bool, moment: datetime) -> None:
    """Count a code to this number against its budgets. Raises CodesHeld where one is used up.

    Numbers that are proven have a budget of their own, so that strangers who register by the
    thousand keep no player from a new PIN.
    """
    if proven:
        budgets = [budget_of_day(PROVEN, moment=moment, most=CODES_A_DAY_TO_PROVEN_NUMBERS)]
    else:
        hour = in_nairobi(moment).replace(minute=0, second=0, microsecond=0)
        block = f"{NEW}:{phone[:BLOCK_LENGTH]}"
        budgets = [
            Budget(block, hour, hour + _HOUR, CODES_AN_HOUR_TO_A_BLOCK),
            budget_of_day(NEW, moment=moment, most=CODES_A_DAY_TO_NEW_NUMBERS),
        ]
    used_up = spend(connection, budgets=budgets)
    if used_up is not None:
        raise CodesHeld(used_up.until)
