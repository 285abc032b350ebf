"""How long SMS take to arrive, and what becomes of them, by provider and network."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection, text

from core.database import now

# Half of all messages take no longer than the first, one in a hundred takes longer than the last.
QUANTILES: Final = (0.5, 0.9, 0.99)
_ENDED = text(
    """
    SELECT provider, network,
           count(*) FILTER (WHERE status = 'delivered') AS delivered,
           count(*) FILTER (WHERE status = 'undelivered') AS undelivered,
           percentile_cont(CAST(:quantiles AS double precision[])) WITHIN GROUP (ORDER BY
               CAST(greatest(0, extract(epoch FROM
                   reported_at - coalesce(accepted_at, sent_at))) AS double precision))
               FILTER (WHERE status = 'delivered') AS seconds
    FROM sms_out
    WHERE status IN ('delivered', 'undelivered') AND reported_at >= :since
    GROUP BY provider, network
    ORDER BY provider NULLS FIRST, network NULLS FIRST
    """
)
_BY_STATUS = text(
    "SELECT status, count(*) AS messages FROM sms_out WHERE queued_at >= :since GROUP BY status"
)
_PARTS_DIFFER = text(
    "SELECT count(*) FROM sms_out WHERE parts <> counted_parts AND queued_at >= :since"
)
_UNHEARD_OF = text(
    "SELECT count(*) FROM sms_report WHERE first_at >= :since AND status NOT IN"
    " ('Sent', 'Submitted', 'Buffered', 'Success', 'Failed', 'Rejected', 'Expired')"
)


@dataclass(frozen=True)
class Delivery:
    """Of the messages whose end a report told within some time; `seconds` by QUANTILES.

    From the provider's yes to the report that the phone has it; empty where none arrived.
    """

    provider: str | None
    network: str | None
    delivered: int
    undelivered: int
    seconds: tuple[float, ...]

    @property
    def share_delivered(self) -> float:
        """From 0 to 1."""
        return self.delivered / (self.delivered + self.undelivered)


@dataclass(frozen=True)
class Lately:
    """What is counted of some time: messages queued in it, and reports that came in it."""

    by_status: dict[str, int]
    parts_differ: int
    reports_unheard_of: int


def deliveries(connection: Connection, *, within: timedelta) -> list[Delivery]:
    """What was reported within this time until now, by provider and network."""
    since = now(connection) - within
    rows = connection.execute(_ENDED, {"since": since, "quantiles": list(QUANTILES)})
    return [
        Delivery(
            row.provider, row.network, row.delivered, row.undelivered, tuple(row.seconds or ())
        )
        for row in rows
    ]


def count_lately(connection: Connection, *, within: timedelta) -> Lately:
    """Counts over this time until now, each read from an index, however many messages there are."""
    since = {"since": now(connection) - within}
    return Lately(
        by_status={row.status: row.messages for row in connection.execute(_BY_STATUS, since)},
        parts_differ=connection.execute(_PARTS_DIFFER, since).scalar_one(),
        reports_unheard_of=connection.execute(_UNHEARD_OF, since).scalar_one(),
    )
