"""How many codes were sent, and how many of them typed back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, text

from core.players.code_budget import BLOCK_LENGTH
from core.players.rules import CODE_LIFE

_WITHIN: Final = timedelta(hours=1)
# Codes of one hour, of which none can be typed any more. One that surely did not go is no code.
# The moment stands in a query of its own: one that is asked of each row leads to no index.
_CONVERSION: Final = text(
    """
    SELECT left(phone, :length) AS block, count(*) AS sent, count(used_at) AS used
    FROM sms_out
    WHERE kind = 'code' AND status <> 'refused'
      AND sent_at > (SELECT kibeezy_now()) - :oldest
      AND sent_at <= (SELECT kibeezy_now()) - :newest
    GROUP BY block ORDER BY count(*) - count(used_at) DESC, block
    """
)


@dataclass(frozen=True)
class Conversion:
    """The codes to one block of numbers within an hour."""

    block: str
    sent: int
    used: int


def conversions(connection: Connection) -> Sequence[Conversion]:
    """By block, the one with the most codes that nobody typed first."""
    given = {"length": BLOCK_LENGTH, "oldest": CODE_LIFE + _WITHIN, "newest": CODE_LIFE}
    rows = connection.execute(_CONVERSION, given)
    return [Conversion(row.block, row.sent, row.used) for row in rows]
