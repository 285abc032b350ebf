"""Where the provider's statement and our books differ, in words for a person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, text

from core.clock import short_time
from core.money import Money

# The provider's clock is not ours, and a movement is on its statement a moment later.
MARGIN: Final = timedelta(minutes=10)


class BreakKind(StrEnum):
    """Which side lacks it, or that both have it and do not agree."""

    NOT_IN_BOOKS = "not in our books"
    NOT_ON_STATEMENT = "not on the statement"
    DIFFERS = "differs"


@dataclass(frozen=True)
class Break:
    """One difference; without a receipt where our side never learnt one."""

    kind: BreakKind
    receipt: str | None
    amount: Money
    at: datetime
    subject: str
    why: str

    @property
    def sentence(self) -> str:
        """All of it in a line."""
        named = self.receipt or "Without receipt"
        return f"{named}, {self.amount} of {short_time(self.at)}, {self.kind}: {self.why}."


# A line that was explained once stays so, except where a later statement has another amount.
_LINES: Final = text(
    """
    SELECT l.id, l.receipt, l.kind, l.amount_cents AS cents, l.completed_at AS at, l.break AS why,
           o.other_cents, r.receipt IS NOT NULL AS claimed
    FROM statement_line l JOIN statement_import i ON i.id = l.import_id
        AND (i.source = 'pull' OR i.approved_at IS NOT NULL)
    LEFT JOIN receipt r ON r.receipt = l.receipt
    CROSS JOIN LATERAL (
        SELECT min(o.amount_cents) AS other_cents
        FROM statement_other_amount o JOIN statement_import i ON i.id = o.import_id
            AND (i.source = 'pull' OR i.approved_at IS NOT NULL)
        WHERE o.line_id = l.id AND o.amount_cents <> l.amount_cents
    ) o
    WHERE (l.matched_at IS NULL OR o.other_cents IS NOT NULL)
      AND l.completed_at > (SELECT kibeezy_now()) - CAST(:since AS interval)
    ORDER BY l.completed_at, l.id
    """
)
# A payment moved at some moment between its beginning and our learning of it. Only where
# statements cover all of that time, and the margin, is it sure to be missing from them.
_BOOKS: Final = text(
    """
    WITH covered AS (
        SELECT money, range_agg(tstzrange(covers_from, covers_to, '[]')) AS spans
        FROM statement_import WHERE source = 'pull' OR approved_at IS NOT NULL GROUP BY money
    ), booked AS (
        SELECT 'in' AS money, 'paid_in' AS kind, 'deposit:' || id AS subject, receipt,
               amount_cents AS cents, coalesce(pushed_at, succeeded_at) AS began_at,
               succeeded_at AS at
        FROM deposit WHERE state = 'succeeded'
        UNION ALL
        SELECT 'in', 'paid_in', 'paybill:' || id, receipt, amount_cents,
               least(paid_at, heard_at), greatest(paid_at, heard_at)
        FROM paybill_payment WHERE transfer_id IS NOT NULL
        UNION ALL
        SELECT 'out', 'paid_out', 'withdrawal:' || id, receipt,
               amount_cents - fee_cents - tax_cents, coalesce(sent_at, ended_at), ended_at
        FROM withdrawal WHERE state IN ('paid', 'paid_after_release')
    )
    SELECT b.subject, b.receipt, b.cents, b.at
    FROM booked b JOIN covered c ON c.money = b.money AND c.spans @> tstzrange(
        b.began_at - CAST(:margin AS interval), b.at + CAST(:margin AS interval), '[]')
    WHERE b.at > (SELECT kibeezy_now()) - CAST(:since AS interval)
      AND NOT EXISTS (SELECT FROM statement_line l
                      WHERE l.receipt = b.receipt AND l.kind = b.kind)
    ORDER BY b.at, b.subject
    """
)


def find_breaks(connection: Connection, *, since: timedelta) -> list[Break]:
    """Every difference of the last `since`, first those of the statement; changes nothing.

    What M-Pesa has not put on a statement yet, or no imported one covers, is no difference.
    """
    span = {"since": since}
    lines = [
        Break(
            _kind_of_line(row.why, claimed=row.claimed, other_cents=row.other_cents),
            row.receipt,
            Money(row.cents),
            row.at,
            f"statement_line:{row.id}",
            _why(row.kind, row.why, row.other_cents),
        )
        for row in connection.execute(_LINES, span)
    ]
    books = [
        Break(
            BreakKind.NOT_ON_STATEMENT,
            row.receipt,
            Money(row.cents),
            row.at,
            row.subject,
            f"{row.subject.replace(':', ' ')} is in our books",
        )
        for row in connection.execute(_BOOKS, {**span, "margin": MARGIN})
    ]
    return lines + books


def _kind_of_line(why: str | None, *, claimed: bool, other_cents: int | None) -> BreakKind:
    if other_cents is not None or (claimed and why is not None):
        return BreakKind.DIFFERS
    return BreakKind.NOT_IN_BOOKS


def _why(kind: str, why: str | None, other_cents: int | None) -> str:
    says = kind.replace("_", " ")
    if other_cents is not None:
        return f"{says}, and another statement says {Money(other_cents)}"
    return f"{says}, {why or 'not looked at yet'}"
