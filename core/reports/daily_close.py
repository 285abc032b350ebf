"""What one day in Nairobi did to every account, and what it leaves."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, text

from core.alarms.list_alarms import open_alarms
from core.database import now
from core.ledger.transfer import AccountKind
from core.money import Money
from core.reports.days import SETTLES_AFTER, NotYet, midnight
from core.reports.figures import Moved, Place, Sum, gaming_tax, sums_of
from core.reports.table import BooksDiffer, Cell, Line, Part, Report
from core.reports.words import account_in_words, movement_in_words
from core.statements.breaks import find_breaks
from core.text import _

FIGURE_COLUMNS: Final = ("figure", "name", "transfers", "amount_kes")
ACCOUNT_COLUMNS: Final = (
    "account",
    "kind",
    "opening_kes",
    "debit_kes",
    "credit_kes",
    "closing_kes",
)
MOVEMENT_COLUMNS: Final = ("movement", "kind", "account", "debit_kes", "credit_kes")

_BALANCES: Final = text(
    """
    SELECT a.kind, coalesce(sum(e.cents) FILTER (WHERE t.posted_at < :since), 0) AS opening,
           coalesce(sum(e.cents), 0) AS closing
    FROM entry e JOIN transfer t ON t.id = e.transfer_id JOIN account a ON a.id = e.account_id
    WHERE t.posted_at < :until GROUP BY a.kind
    """
)
_MOVED: Final = text(
    """
    SELECT t.kind AS movement, a.kind AS account,
           coalesce(-sum(e.cents) FILTER (WHERE e.cents < 0), 0) AS debit,
           coalesce(sum(e.cents) FILTER (WHERE e.cents > 0), 0) AS credit
    FROM transfer t JOIN entry e ON e.transfer_id = t.id JOIN account a ON a.id = e.account_id
    WHERE t.posted_at >= :since AND t.posted_at < :until GROUP BY t.kind, a.kind
    """
)
_TRANSFERS: Final = text(
    """
    SELECT kind, count(*) AS n FROM transfer
    WHERE posted_at >= :since AND posted_at < :until GROUP BY kind
    """
)
# Where the rate changes during the day, each fee is taxed at the one of its own moment.
_TAXED: Final = text(
    """
    SELECT coalesce(rate.value, 0) AS bps, sum(e.cents) AS cents
    FROM transfer t JOIN entry e ON e.transfer_id = t.id
    JOIN account a ON a.id = e.account_id AND a.kind = 'fee_revenue'
    LEFT JOIN LATERAL (SELECT value FROM values_in_force(t.posted_at)
                       WHERE name = 'gaming_tax_bps') rate ON true
    WHERE t.posted_at >= :since AND t.posted_at < :until AND t.kind IN ('fee', 'fee_reversal')
    GROUP BY 1 ORDER BY 1
    """
)
_SEAL: Final = text(
    """
    SELECT number, encode(hash, 'hex') AS hash FROM seal_block
    WHERE sealed_at < :until ORDER BY number DESC LIMIT 1
    """
)
_USERS: Final = ("player_available", "player_held", "market_side", "mpesa_suspense")
_AT_MPESA: Final = ("mpesa_collection", "mpesa_payout")


@dataclass(frozen=True)
class _Day:
    opening: Mapping[str, int]
    closing: Mapping[str, int]
    moved: Mapping[Place, Moved]

    def of_account(self, kind: str) -> Moved:
        """All that moved on the accounts of a kind."""
        there = [moved for place, moved in self.moved.items() if place.account == kind]
        return Moved(sum(one.debit for one in there), sum(one.credit for one in there))

    def closes_at(self, *kinds: str) -> Money:
        """What the accounts of these kinds stand at when the day ends."""
        return Money(sum(self.closing.get(kind, 0) for kind in kinds))


def daily_close(connection: Connection, *, day: date) -> Report:
    """The day's figures, every account's opening, movements and closing, and what is open.

    A day that is not over is reported as far as it has come, and says so. Must run in a snapshot.
    Raises NotYet for a day to come, and BooksDiffer where opening and movements are not closing.
    """
    made_at = now(connection)
    since, until = midnight(day), midnight(day + timedelta(days=1))
    if since > made_at:
        raise NotYet
    span = {"since": since, "until": until}
    read = _read(connection, span)
    _ensure_closed(read)
    transfers = {row.kind: row.n for row in connection.execute(_TRANSFERS, span)}
    figures = [
        *sums_of(read.moved, transfers=transfers),
        *_taxes(connection, span),
        *_standing(read),
    ]
    breaks = find_breaks(connection, since=made_at - since)
    head: dict[str, Cell] = {
        "day": day.isoformat(),
        "since": since,
        "until": until,
        "complete": made_at >= until + SETTLES_AFTER,
        "breaks": sum(since <= each.at < until for each in breaks),
        "open_alarms": len(open_alarms(connection)),
        **_seal(connection, until),
        "made_at": made_at,
    }
    return Report("kibeezy.daily_close", 1, head, _parts(read, figures))


def _read(connection: Connection, span: Mapping[str, datetime]) -> _Day:
    balances = connection.execute(_BALANCES, span).all()
    return _Day(
        opening={row.kind: int(row.opening) for row in balances},
        closing={row.kind: int(row.closing) for row in balances},
        moved={
            Place(row.movement, row.account): Moved(int(row.debit), int(row.credit))
            for row in connection.execute(_MOVED, span)
        },
    )


def _ensure_closed(day: _Day) -> None:
    for kind in {*day.closing, *(place.account for place in day.moved)}:
        moved = day.of_account(kind)
        opened, closed = day.opening.get(kind, 0), day.closing.get(kind, 0)
        if opened + moved.credit - moved.debit != closed:
            raise BooksDiffer(
                _(
                    "{account}: opening and movements are not closing: look at `ledger verify`.",
                    account=account_in_words(kind),
                )
            )
    if sum(day.closing.values()) != 0:
        raise BooksDiffer(_("Debits and credits differ: look at `ledger verify`."))


def _seal(connection: Connection, until: datetime) -> dict[str, Cell]:
    """The last block that was sealed before the day ended; nothing where nothing is sealed."""
    block = connection.execute(_SEAL, {"until": until}).one_or_none()
    return {} if block is None else {"sealed_block": block.number, "sealed_hash": block.hash}


def _taxes(connection: Connection, span: Mapping[str, datetime]) -> Iterator[Sum]:
    for row in connection.execute(_TAXED, span):
        due = gaming_tax(Money(int(row.cents)), bps=row.bps)
        words = f"Gaming tax due at {row.bps / 100:.2f} %"
        yield Sum(f"gaming_tax_at_{row.bps}_bps", words, None, due)


def _standing(day: _Day) -> Iterator[Sum]:
    """Users' money against what lies at M-Pesa, when the day ends; and whose the rest is."""
    users, at_mpesa = day.closes_at(*_USERS), -day.closes_at(*_AT_MPESA)
    rest = tuple(kind for kind in day.closing if kind not in (*_USERS, *_AT_MPESA))
    assert at_mpesa - users == day.closes_at(*rest), "what is not the users' is somebody's"
    for kind in _USERS:
        yield Sum(f"users_{kind}", f"  {account_in_words(kind)}", None, day.closes_at(kind))
    yield Sum("users_money", "Users' money at the end", None, users)
    for kind in _AT_MPESA:
        yield Sum(f"at_{kind}", f"  {account_in_words(kind)}", None, -day.closes_at(kind))
    yield Sum("at_mpesa", "By our books at M-Pesa", None, at_mpesa)
    yield Sum("beyond_users_money", "  of it not the users'", None, at_mpesa - users)


def _parts(day: _Day, figures: list[Sum]) -> tuple[Part, ...]:
    kinds = [*AccountKind, *sorted(set(day.closing) - set(AccountKind))]
    return (
        Part(
            "figures",
            FIGURE_COLUMNS,
            [(each.words, each.name, each.transfers, each.amount) for each in figures],
        ),
        Part("accounts", ACCOUNT_COLUMNS, [_account_line(day, str(kind)) for kind in kinds]),
        Part(
            "movements",
            MOVEMENT_COLUMNS,
            [
                (
                    movement_in_words(place.movement),
                    place.movement,
                    account_in_words(place.account),
                    Money(moved.debit),
                    Money(moved.credit),
                )
                for place, moved in sorted(day.moved.items())
            ],
        ),
    )


def _account_line(day: _Day, kind: str) -> Line:
    moved = day.of_account(kind)
    return (
        account_in_words(kind),
        kind,
        Money(day.opening.get(kind, 0)),
        Money(moved.debit),
        Money(moved.credit),
        Money(day.closing.get(kind, 0)),
    )
