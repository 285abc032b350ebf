"""Every movement of a player's money, and the balance after each."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Self

from sqlalchemy import Connection, Row, text

from core.database import now
from core.errors import NoSuchThing
from core.ledger.reference import reference_of
from core.money import Money
from core.players.records import find_player
from core.reports.days import NotYet, Period
from core.reports.stream import stream
from core.reports.table import BooksDiffer, Line, Part, Report
from core.reports.words import movement_in_words
from core.text import _

COLUMNS: Final = (
    "time",
    "reference",
    "movement",
    "market",
    "label",
    "mpesa_receipt",
    "in_kes",
    "out_kes",
    "available_kes",
    "held_in_kes",
    "held_out_kes",
    "held_kes",
    "owed_kes",
)

_OWN: Final = """
    SELECT id, kind FROM account
    WHERE kind IN ('player_available', 'player_held', 'player_clawback') AND owner = :player_id
"""
_SUMS: Final = text(
    f"""
    SELECT a.kind, coalesce(sum(e.cents) FILTER (WHERE t.posted_at < :since), 0) AS before,
           coalesce(sum(e.cents) FILTER (WHERE t.posted_at < :until), 0) AS through,
           coalesce(sum(e.cents), 0) AS ever, min(b.cents) AS balance
    FROM ({_OWN}) a
    LEFT JOIN (entry e JOIN transfer t ON t.id = e.transfer_id) ON e.account_id = a.id
    LEFT JOIN balance b ON b.account_id = a.id
    GROUP BY a.kind
    """  # noqa: S608 - our own words
)
_MOVEMENTS: Final = text(
    f"""
    SELECT t.id, t.kind, t.posted_at, m.available, m.held, m.clawback,
           market.id AS market_id, market.label, paid.receipt
    FROM (SELECT e.transfer_id,
              coalesce(sum(e.cents) FILTER (WHERE a.kind = 'player_available'), 0) AS available,
              coalesce(sum(e.cents) FILTER (WHERE a.kind = 'player_held'), 0) AS held,
              coalesce(sum(e.cents) FILTER (WHERE a.kind = 'player_clawback'), 0) AS clawback
          FROM ({_OWN}) a JOIN entry e ON e.account_id = a.id GROUP BY e.transfer_id) m
    JOIN transfer t ON t.id = m.transfer_id
    LEFT JOIN LATERAL (
        SELECT a.market FROM entry e JOIN account a ON a.id = e.account_id
        WHERE e.transfer_id = t.id AND a.kind = 'market_side' LIMIT 1) side ON true
    LEFT JOIN market ON market.id = side.market
    LEFT JOIN LATERAL (
        SELECT d.receipt FROM deposit d
        WHERE d.player_id = :player_id AND (t.id IN (d.transfer_id, d.reversal_transfer_id)
                                            OR d.freeze_transfer_id IN (t.id, t.reverses))
        UNION ALL
        SELECT w.receipt FROM withdrawal w
        WHERE w.player_id = :player_id
          AND t.id IN (w.hold_transfer_id, w.end_transfer_id, w.clawback_transfer_id)
        UNION ALL
        SELECT p.receipt FROM paybill_payment p
        WHERE t.id IN (p.transfer_id, p.place_transfer_id)
        LIMIT 1) paid ON t.kind NOT IN ('stake', 'payout', 'refund')
    WHERE t.posted_at >= :since AND t.posted_at < :until
    ORDER BY t.posted_at, t.id
    """  # noqa: S608 - our own words
)


@dataclass(frozen=True)
class Purse:
    """What a player has at one moment, and what the player owes."""

    available: Money
    held: Money
    owed: Money

    def after(self, row: Row[*tuple[Any, ...]]) -> Self:
        """What there is once this has moved."""
        return type(self)(
            available=self.available + Money(int(row.available)),
            held=self.held + Money(int(row.held)),
            owed=self.owed - Money(int(row.clawback)),
        )


def player_statement(connection: Connection, *, phone: str, period: Period) -> Report:
    """The player's movements in the period, between an opening and a closing line.

    Must run in a snapshot. Lines are read while they are asked for. Raises NoSuchThing, NotYet
    for a period to come, and BooksDiffer where the movements do not lead from balance to balance:
    at once where the wallet differs from its entries, else in place of the closing line.
    """
    found = find_player(connection, phone=phone)
    if found is None:
        raise NoSuchThing(f"player {phone}")
    made_at = now(connection)
    since, until = period.since, min(period.until or made_at, made_at)
    if since is not None and since > made_at:
        raise NotYet
    span: dict[str, object] = {
        "player_id": found.id,
        "since": since or "-infinity",
        "until": period.until or "infinity",
    }
    opening, closing = _sums(connection, span)
    head = {
        "phone": found.phone,
        "name": found.full_name,
        "since": since,
        "until": until,
        "opening_kes": opening.available,
        "opening_held_kes": opening.held,
        "closing_kes": closing.available,
        "closing_held_kes": closing.held,
        "closing_owed_kes": closing.owed,
        "made_at": made_at,
    }
    lines = _lines(connection, span, (since, opening), (until, closing))
    movements = Part("movements", COLUMNS, lines)
    return Report("kibeezy.player_statement", 1, head, (movements,))


def _sums(connection: Connection, span: dict[str, object]) -> tuple[Purse, Purse]:
    """What there was before the period and after it; the wallet agrees with all its entries."""
    opening, closing = {}, {}
    for row in connection.execute(_SUMS, span):
        if row.balance is not None and row.balance != row.ever:
            raise BooksDiffer(_("The balance differs from its entries: look at `ledger verify`."))
        opening[row.kind], closing[row.kind] = Money(int(row.before)), Money(int(row.through))
    return _purse(opening), _purse(closing)


def _purse(balances: dict[str, Money]) -> Purse:
    return Purse(
        available=balances.get("player_available", Money(0)),
        held=balances.get("player_held", Money(0)),
        owed=-balances.get("player_clawback", Money(0)),
    )


def _lines(
    connection: Connection,
    span: dict[str, object],
    opening: tuple[datetime | None, Purse],
    closing: tuple[datetime, Purse],
) -> Iterator[Line]:
    begins, purse = opening
    ends, expected = closing
    yield _balance_line(begins, "Opening balance", purse)
    for row in stream(connection, _MOVEMENTS, span):
        purse = purse.after(row)
        yield (
            row.posted_at,
            reference_of(row.id),
            movement_in_words(row.kind),
            row.market_id,
            row.label,
            row.receipt,
            *_in_and_out(row.available),
            purse.available,
            *_in_and_out(row.held),
            purse.held,
            purse.owed,
        )
    if purse != expected:
        raise BooksDiffer(_("The movements do not add up: look at `ledger verify`."))
    yield _balance_line(ends, "Closing balance", purse)


def _balance_line(at: datetime | None, words: str, purse: Purse) -> Line:
    empty = (None,) * 2
    return (
        at,
        None,
        words,
        *empty,
        None,
        *empty,
        purse.available,
        *empty,
        purse.held,
        purse.owed,
    )


def _in_and_out(cents: int) -> tuple[Money | None, Money | None]:
    moved = Money(int(cents))
    if not moved:
        return None, None
    return (moved, None) if moved.cents > 0 else (None, -moved)
