"""The ledger: what every account stands at, what must hold, the seal, and single transfers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from flask import Response, make_response, redirect, render_template, request, url_for
from sqlalchemy import Connection

from admin.access import EVERYBODY, PEOPLE
from admin.drawing.needs import span
from admin.drawing.subjects import Shown, shown
from admin.site import Site, me
from core.database import now
from core.errors import Refused
from core.ledger.find_transfer import FoundTransfer, Line, find_transfer, read_transfer
from core.ledger.groups import group_of
from core.ledger.transfer import AccountKind
from core.money import Money
from core.reports.books import Books, read_books
from core.reports.words import account_in_words, movement_in_words
from core.seal.head import Block, is_behind_the_chain, last_blocks, oldest_unsealed_seconds
from core.seal.seal_ledger import LATE_AFTER
from core.text import Text
from core.watch.records import Standing, State, list_standings

BLOCKS_SHOWN: Final = 5
_TONES: Final = {
    State.HOLDS: "good",
    State.SUSPECTED: "wait",
    State.BROKEN: "bad",
    State.UNFINISHED: "wait",
    State.LATE: "wait",
}


@dataclass(frozen=True)
class _Account:
    """One line of the trial balance; nothing on the side where nothing stands."""

    words: str
    debit: Money | None
    credit: Money | None


@dataclass(frozen=True)
class _Watched:
    """An invariant as it was seen last."""

    standing: Standing
    group: str
    tone: str
    age: str


@dataclass(frozen=True)
class _Seal:
    """The end of the chain, and what is wrong with it."""

    blocks: list[Block]
    waits: str
    is_late: bool
    is_behind: bool


@dataclass(frozen=True)
class _Shelf:
    """Everything of the page, as of one moment."""

    at: datetime
    books: Books
    accounts: list[_Account]
    debits: Money
    credits: Money
    watched: list[_Watched]
    red: list[_Watched]
    seal: _Seal


@dataclass(frozen=True)
class _Posting:
    """An entry in words; whose wallet it is only for those who may know."""

    words: str
    about: Shown | None
    amount: Money


@dataclass(frozen=True)
class Ledger:
    """Everybody may check the books; whose money a transfer moved is for some."""

    site: Site

    def register(self) -> None:
        """Add them."""
        site = self.site
        site.page("/ledger", self.books, roles=EVERYBODY, menu="Ledger")
        site.page("/ledger/transfers/<int:transfer_id>", self.transfer, roles=EVERYBODY)

    def books(self) -> str | Response:
        """The books at a glance; with a number or a reference, on to its transfer."""
        typed, missing = request.args.get("transfer", "").strip(), None
        if typed:
            found = self._look_for(typed)
            if isinstance(found, int):
                there = url_for("admin.transfer", transfer_id=found)
                return make_response(redirect(there, 303))
            missing = found
        shelf = self.site.read(_read)
        return render_template("staff/books.html", shelf=shelf, typed=typed, missing=missing)

    def transfer(self, transfer_id: int) -> str:
        """One transfer with its entries."""
        may_know = me().role in PEOPLE

        def read(connection: Connection) -> FoundTransfer:
            return read_transfer(connection, transfer_id=transfer_id)

        found = (
            self.site.look(read, act="transfer.looked_up", subject=f"transfer:{transfer_id}")
            if may_know
            else self.site.read(read)
        )
        return render_template(
            "staff/transfer.html",
            found=found,
            movement=movement_in_words(found.kind),
            lines=[_posting(line, may_know=may_know) for line in found.lines],
            total=Money(sum(line.amount.cents for line in found.lines)),
            may_know=may_know,
        )

    def _look_for(self, typed: str) -> int | Text:
        try:
            return self.site.read(lambda c: find_transfer(c, typed=typed))
        except Refused as refusal:
            return refusal.text


def _read(connection: Connection) -> _Shelf:
    moment, books = now(connection), read_books(connection)
    accounts = [_account(books, kind) for kind in AccountKind]
    watched = [_watched(one, moment) for one in list_standings(connection)]
    return _Shelf(
        at=moment,
        books=books,
        accounts=accounts,
        debits=_total([each.debit for each in accounts]),
        credits=_total([each.credit for each in accounts]),
        watched=watched,
        red=[each for each in watched if each.standing.state is not State.HOLDS],
        seal=_seal(connection),
    )


def _account(books: Books, kind: AccountKind) -> _Account:
    stands = books.stands_at((kind,))
    debit = -stands if stands.cents < 0 else None
    return _Account(account_in_words(kind), debit, stands if stands.cents > 0 else None)


def _total(amounts: Sequence[Money | None]) -> Money:
    return sum((each for each in amounts if each is not None), start=Money(0))


def _watched(one: Standing, moment: datetime) -> _Watched:
    age = "never" if one.checked_at is None else f"{span(moment - one.checked_at)} ago"
    return _Watched(one, group_of(one.name).replace("_", " "), _TONES[one.state], age)


def _seal(connection: Connection) -> _Seal:
    seconds = oldest_unsealed_seconds(connection)
    return _Seal(
        blocks=last_blocks(connection, limit=BLOCKS_SHOWN),
        waits="" if seconds == 0 else f"{round(seconds):,} s",
        is_late=seconds > LATE_AFTER.total_seconds(),
        is_behind=is_behind_the_chain(connection),
    )


def _posting(line: Line, *, may_know: bool) -> _Posting:
    words = account_in_words(line.kind)
    if line.market is not None:
        side = (line.side or "").upper()
        return _Posting(f"{words}, {side}", shown(f"market:{line.market}"), line.amount)
    if line.owner is not None and may_know:
        return _Posting(words, shown(f"player:{line.owner}"), line.amount)
    return _Posting(words, None, line.amount)
