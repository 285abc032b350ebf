"""What the books say now, from the sums of days and what was posted since, in one statement."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection, Row, text

from core.ledger.transfer import AccountKind
from core.money import Money
from core.reports.figures import Moved, Place

# The worker sums up each minute what was sealed. Where more than this waits, as while a large
# market settles, the books are told as they were after so many.
MOST_FRESH: Final = 5_000
USERS: Final = (
    AccountKind.PLAYER_AVAILABLE,
    AccountKind.PLAYER_HELD,
    AccountKind.MARKET_SIDE,
    AccountKind.MPESA_SUSPENSE,
)
AT_MPESA: Final = (AccountKind.MPESA_COLLECTION, AccountKind.MPESA_PAYOUT)

# Reads transfer_posted_in from where the sums end; whole transfers, so that it always balances. The
# OFFSET keeps the planner, who expects the most, from reading every entry to join a few.
_BOOKS: Final = text(
    """
    WITH fresh AS MATERIALIZED (
        SELECT id, kind, posted_at FROM transfer
        WHERE posted_in >= (SELECT until_xid FROM days_summed)
        ORDER BY posted_in LIMIT :most
    ), moved AS (
        SELECT day, movement, account, debit_cents, credit_cents, entries FROM day_sum
        UNION ALL
        SELECT (f.posted_at AT TIME ZONE 'Africa/Nairobi')::date, f.kind, a.kind,
               greatest(-e.cents, 0), greatest(e.cents, 0), 1
        FROM fresh f CROSS JOIN LATERAL (
            SELECT account_id, cents FROM entry WHERE transfer_id = f.id OFFSET 0) e
        JOIN account a ON a.id = e.account_id
    ), clock AS (
        SELECT kibeezy_now() AS now, (kibeezy_now() AT TIME ZONE 'Africa/Nairobi')::date AS today
    )
    SELECT c.now, c.today, (SELECT count(*) FROM fresh) AS n_fresh,
           (SELECT max(posted_at) FROM fresh) AS fresh_until,
           m.day = c.today AS is_today, m.movement, m.account,
           sum(m.debit_cents) AS debit, sum(m.credit_cents) AS credit, sum(m.entries) AS entries
    FROM clock c LEFT JOIN moved m ON true
    GROUP BY c.now, c.today, is_today, m.movement, m.account
    """
)


@dataclass(frozen=True)
class Books:
    """Every kind of account as of a moment, and what its day in Nairobi has moved so far.

    `entries` counts the lines of today at each place.
    """

    as_of: datetime
    is_now: bool
    day: date
    accounts: Mapping[str, Moved]
    today: Mapping[Place, Moved]
    entries: Mapping[Place, int]

    def stands_at(self, kinds: Iterable[str]) -> Money:
        """What these kinds of account hold; positive is what we owe."""
        there = [self.accounts[kind] for kind in kinds if kind in self.accounts]
        return Money(sum(moved.credit - moved.debit for moved in there))

    @property
    def users(self) -> Money:
        """What belongs to users: in wallets, held, staked, in suspense."""
        return self.stands_at(USERS)

    @property
    def at_mpesa(self) -> Money:
        """What lies at M-Pesa by these books."""
        return -self.stands_at(AT_MPESA)

    @property
    def others(self) -> list[tuple[str, Money]]:
        """Whose the difference is: every other kind of account that does not stand at nought."""
        known = (*USERS, *AT_MPESA)
        rest = [kind for kind in AccountKind if kind not in known]
        stands = [(str(kind), self.stands_at((kind,))) for kind in rest]
        return [(kind, amount) for kind, amount in stands if amount]


def read_books(connection: Connection, *, most_fresh: int = MOST_FRESH) -> Books:
    """The books as they are now, or as far as they could be read in a moment."""
    rows = connection.execute(_BOOKS, {"most": most_fresh}).all()
    first = rows[0]
    is_now = first.n_fresh < most_fresh
    moved = [row for row in rows if row.account is not None]
    accounts: dict[str, Moved] = {}
    for row in moved:
        before = accounts.get(row.account, Moved(0, 0))
        accounts[row.account] = Moved(
            before.debit + int(row.debit), before.credit + int(row.credit)
        )
    today = [row for row in moved if row.is_today]
    return Books(
        as_of=first.now if is_now else first.fresh_until,
        is_now=is_now,
        day=first.today,
        accounts=accounts,
        today={_place(row): Moved(int(row.debit), int(row.credit)) for row in today},
        entries={_place(row): int(row.entries) for row in today},
    )


def _place(row: Row[*tuple[object, ...]]) -> Place:
    return Place(row.movement, row.account)
