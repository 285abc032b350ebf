"""What SMS cost, in the currencies that the providers name."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from sqlalchemy import Connection, text

from core.database import now

_MICROS: Final = 1_000_000
_COSTS = text(
    """
    SELECT CAST(queued_at AT TIME ZONE 'Africa/Nairobi' AS date) AS day,
           kind, network, cost_currency AS currency,
           count(*) AS messages, coalesce(sum(parts), 0) AS parts, sum(cost_micros) AS micros
    FROM sms_out
    WHERE queued_at >= :since AND status IN ('accepted', 'interim', 'delivered', 'undelivered')
    GROUP BY day, kind, network, currency
    ORDER BY day, kind, network NULLS FIRST, currency NULLS FIRST
    """
)


class MessagePrice(NamedTuple):
    """What a message cost, without rounding: KES 0.80 is 800,000 micros."""

    micros: int
    currency: str


@dataclass(frozen=True)
class Cost:
    """Of the messages of a day, kind and network that cost the same currency.

    Without a currency there was no price; `total` is in whole units of the currency.
    """

    day: date
    kind: str
    network: str | None
    currency: str | None
    messages: int
    parts: int
    total: Decimal

    @property
    def each(self) -> Decimal:
        """Of one message, on average."""
        return self.total / self.messages


def costs(connection: Connection, *, within: timedelta) -> list[Cost]:
    """What the messages cost that were queued within this time and that a provider took.

    Days are Nairobi's, the first is cut off where the time begins in it.
    """
    rows = connection.execute(_COSTS, {"since": now(connection) - within})
    return [
        Cost(
            day=row.day,
            kind=row.kind,
            network=row.network,
            currency=row.currency,
            messages=row.messages,
            parts=int(row.parts),
            total=Decimal(row.micros or 0) / _MICROS,
        )
        for row in rows
    ]
