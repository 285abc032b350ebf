"""How many codes were sent and how many typed back, and what is left of the budgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from core.players.code_budget import BLOCK_LENGTH

# Codes of one hour, each of which has had its ten minutes. One that surely did not go is no code.
_CONVERSION: Final = text(
    """
    SELECT left(phone, :length) AS block, count(*) AS sent, count(used_at) AS used
    FROM sms_out
    WHERE kind = 'code' AND status <> 'refused'
      AND sent_at > kibeezy_now() - interval '70 minutes'
      AND sent_at <= kibeezy_now() - interval '10 minutes'
    GROUP BY block ORDER BY count(*) - count(used_at) DESC, block
    """
)
_BUDGETS: Final = text(
    """
    SELECT scope, since, spent, most FROM sms_budget
    WHERE since = date_trunc('day', kibeezy_now(), 'Africa/Nairobi')
       OR since = date_trunc('hour', kibeezy_now(), 'Africa/Nairobi')
    ORDER BY spent::float / most DESC, scope
    """
)


@dataclass(frozen=True)
class Conversion:
    """The codes to one block of numbers within an hour."""

    block: str
    sent: int
    used: int


@dataclass(frozen=True)
class Spent:
    """What is spent of a budget that counts now."""

    scope: str
    since: datetime
    spent: int
    most: int


def conversions(connection: Connection) -> Sequence[Conversion]:
    """By block, the one with the most codes that nobody typed first."""
    rows = connection.execute(_CONVERSION, {"length": BLOCK_LENGTH})
    return [Conversion(row.block, row.sent, row.used) for row in rows]


def budgets_now(connection: Connection) -> Sequence[Spent]:
    """The budgets of this day and this hour that anything was spent of, the fullest first."""
    rows = connection.execute(_BUDGETS)
    return [Spent(row.scope, row.since, row.spent, row.most) for row in rows]
