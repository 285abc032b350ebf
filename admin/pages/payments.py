"""Payments of every kind in one list: found by what a caller has in hand, or needing a person."""

from dataclasses import dataclass
from typing import Final

from flask import render_template, request, url_for
from sqlalchemy import Connection

from admin.access import PEOPLE
from admin.drawing.paging import A_PAGE
from admin.drawing.payment_words import (
    Said,
    say_deposit,
    say_line,
    say_paybill,
    say_withdrawal,
    standing,
)
from admin.drawing.subjects import shown
from admin.pages.payment_acts import add_answers
from admin.site import Site, me
from core.audit_trail.records import record
from core.database import now
from core.deposits.records import get_deposit
from core.inquiries.find_payments import Wanted, find_payments
from core.inquiries.records import FoundPayment, Needs, PaymentKind, Place
from core.inquiries.search_words import SearchWords, read_search
from core.paybill.records import PaybillState, get_payment
from core.paybill.rules import phone_in
from core.players.records import find_player
from core.withdrawals.large_waiting import is_waiting
from core.withdrawals.records import get_withdrawal

_TABS: Final = (
    ("", "All"),
    (Needs.DEPOSITS, "Deposits to decide"),
    (Needs.WITHDRAWALS, "Withdrawals in doubt"),
    (Needs.SUSPENSE, "Suspense"),
    (Needs.LARGE, "Large withdrawals"),
)
_KINDS: Final = {
    PaymentKind.DEPOSIT: "Deposit",
    PaymentKind.WITHDRAWAL: "Withdrawal",
    PaymentKind.PAYBILL: "Paybill",
    PaymentKind.STATEMENT_LINE: "Statement line",
}


@dataclass(frozen=True)
class Seen:
    """What the list shows, and of one payment what to tell the caller."""

    words: SearchWords | None
    found: list[FoundPayment]
    older: str | None
    told: FoundPayment | None
    said: Said | None
    # M-Pesa tells a few digits of a payer: others may have the same.
    may_be_anothers: bool = False


@dataclass(frozen=True)
class Payments:
    """The list."""

    site: Site

    def register(self) -> None:
        """Add it; what comes of a question is told on the page of each payment."""
        add_answers(self.site)
        self.site.page("/payments", self.payments, roles=PEOPLE, menu="Payments")

    def payments(self) -> str:
        """What was searched, or what needs a person, or the newest."""
        typed = request.args.get("q", "").strip()
        needs = _needs(request.args.get("needs", ""))
        before = Place.read(request.args.get("before", ""))
        seen = self.site.write(lambda c: _look_up(c, typed, needs, before))
        return render_template(
            "staff/payments.html",
            typed=typed,
            needs=needs or "",
            tabs=_TABS,
            kinds=_KINDS,
            seen=seen,
            standing=standing,
            place_of=_address,
            paybill=self.site.settings.mpesa_shortcode,
        )


def _needs(name: str) -> Needs | None:
    return Needs(name) if name in set(Needs) else None


def _look_up(connection: Connection, typed: str, needs: Needs | None, before: Place | None) -> Seen:
    words = read_search(typed, now=now(connection)) if typed else None
    if typed and words is None:
        return Seen(None, [], None, None, None)
    wanted = Wanted(words, None if typed else needs, before)
    found = find_payments(connection, wanted=wanted, limit=A_PAGE + 1)
    listed = found[:A_PAGE]
    told = _told(words, listed) if before is None else None
    _note(connection, words, told)
    return Seen(
        words,
        listed,
        str(listed[-1].place) if len(found) > A_PAGE else None,
        told,
        None if told is None else _say(connection, told),
        may_be_anothers=told is not None and not _is_surely_theirs(words, told),
    )


def _is_surely_theirs(words: SearchWords | None, told: FoundPayment) -> bool:
    if words is None or words.phone is None:
        return True
    return words.phone in {told.phone, phone_in(told.account or "")}


def _told(words: SearchWords | None, listed: list[FoundPayment]) -> FoundPayment | None:
    """The payment that a caller is told of: the one that was named, or the person's newest."""
    if words is None or words.amount is not None:
        return None
    ours = [each for each in listed if each.kind is not PaymentKind.STATEMENT_LINE]
    first = [each for each in ours if each.state != PaybillState.ECHO]
    return next(iter(first or ours or listed), None)


def _say(connection: Connection, told: FoundPayment) -> Said:
    match told.kind:
        case PaymentKind.DEPOSIT:
            return say_deposit(get_deposit(connection, deposit_id=told.id))
        case PaymentKind.WITHDRAWAL:
            withdrawal = get_withdrawal(connection, withdrawal_id=told.id)
            return say_withdrawal(withdrawal, waits=is_waiting(connection, withdrawal))
        case PaymentKind.PAYBILL:
            return say_paybill(get_payment(connection, paybill_id=told.id))
        case PaymentKind.STATEMENT_LINE:
            return say_line(told.state)


def _note(connection: Connection, words: SearchWords | None, told: FoundPayment | None) -> None:
    """Who looked for whom; a list shows the phones of many."""
    act, subject = "payment.listed", "payment:*"
    if told is not None and words is not None and words.names_one:
        act, subject = f"{told.kind}.shown", f"{told.kind}:{told.id}"
    elif words is not None:
        act = "payment.searched"
        player = None if words.phone is None else find_player(connection, phone=words.phone)
        subject = subject if player is None else f"player:{player.id}"
    record(connection, actor=me().email, act=act, subject=subject)


def _address(payment: FoundPayment) -> str | None:
    """The page of a payment; a line of the statement has none."""
    there = shown(f"{payment.kind}:{payment.id}")
    return url_for(there.page, **there.path) if there.page else None
