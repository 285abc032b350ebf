"""Finds payments of every kind: by a search, or those that need a person; the newest first."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    func,
    literal,
    select,
    tuple_,
    union_all,
)

from core.clock import NAIROBI
from core.inquiries.branches import BRANCHES, LINE_COUNTS, Branch, Caller
from core.inquiries.records import FoundPayment, Needs, PaymentKind, Place
from core.inquiries.search_words import SearchWords
from core.ledger.reference import reference_of, transfer_of
from core.money import Money
from core.players.records import find_player, player

# An amount alone fits too many.
AMOUNT_WITHIN: Final = timedelta(days=7)


@dataclass(frozen=True)
class Wanted:
    """Which payments; None means any. `before` is where the page before ended."""

    words: SearchWords | None = None
    needs: Needs | None = None
    before: Place | None = None


def find_payments(connection: Connection, *, wanted: Wanted, limit: int) -> list[FoundPayment]:
    """At most so many, the newest first; changes nothing.

    Lines of the statement are found by a search only: each payment that is proven has one. A phone
    finds what is its player's, what was paid to the paybill in its name, and what still waits there
    from a payer whose number it may be.
    """
    caller = _caller(connection, wanted.words)
    parts = [_part(branch, wanted, caller, limit) for branch in BRANCHES]
    asked = [part for part in parts if part is not None]
    if not asked:
        return []
    newest = _newest(select(union_all(*asked).subquery()), limit).subquery()
    query = select(newest, player.c.phone).outerjoin(player, player.c.id == newest.c.player_id)
    rows = connection.execute(
        query.order_by(newest.c.at.desc(), newest.c.rank.desc(), newest.c.id.desc())
    )
    return [_read(row) for row in rows]


def _caller(connection: Connection, words: SearchWords | None) -> Caller | None:
    if words is None or words.phone is None:
        return None
    found = find_player(connection, phone=words.phone)
    return Caller(words.phone, None if found is None else found.id)


def _part(branch: Branch, wanted: Wanted, caller: Caller | None, limit: int) -> Select[Any] | None:
    is_wanted = _matches(branch, wanted, caller)
    if is_wanted is None:
        return None
    query = branch.columns.where(is_wanted)
    if branch.kind is PaymentKind.STATEMENT_LINE:
        query = query.where(LINE_COUNTS)
    if wanted.before is not None:
        query = query.where(branch.at <= wanted.before.at, _is_behind(branch, wanted.before))
    newest = query.order_by(branch.at.desc(), branch.id.desc()).limit(limit)
    return select(newest.subquery())


def _matches(branch: Branch, wanted: Wanted, caller: Caller | None) -> ColumnElement[bool] | None:
    words, is_line = wanted.words, branch.kind is PaymentKind.STATEMENT_LINE
    if wanted.needs is not None:
        return branch.needs(wanted.needs)
    if words is None:
        return None if is_line else branch.id.is_not(None)
    if caller is not None:
        return branch.is_of(caller)
    if words.amount is not None:
        return (branch.cents == words.amount.cents) & _is_in_time(branch, words)
    named = [transfer_of(reference) for reference in words.references]
    transfers = [transfer_id for transfer_id in named if transfer_id is not None]
    return branch.is_named(words.receipts, words.references, transfers)


def _is_in_time(branch: Branch, words: SearchWords) -> ColumnElement[bool]:
    if words.day is None:
        return branch.at > select(func.kibeezy_now() - AMOUNT_WITHIN).scalar_subquery()
    begins = datetime.combine(words.day, datetime.min.time(), NAIROBI)
    return (branch.at >= begins) & (branch.at < begins + timedelta(days=1))


def _is_behind(branch: Branch, place: Place) -> ColumnElement[bool]:
    here = tuple_(branch.at, literal(branch.kind.rank), branch.id)
    return here < tuple_(literal(place.at), literal(place.rank), literal(place.id))


def _newest(query: Select[Any], limit: int) -> Select[Any]:
    columns = query.selected_columns
    return query.order_by(columns.at.desc(), columns.rank.desc(), columns.id.desc()).limit(limit)


def _read(row: Row[Any]) -> FoundPayment:
    reference = row.reference
    if reference is None and row.transfer_id is not None:
        reference = reference_of(row.transfer_id)
    return FoundPayment(
        kind=PaymentKind(row.kind),
        id=row.id,
        at=row.at,
        amount=Money(row.cents),
        state=row.state,
        phone=row.phone,
        account=row.account,
        receipt=row.receipt,
        reference=reference,
        why=row.why,
    )
