"""What waits for a person, in words: what it is, what to do, and where."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from core.reports.needs import MOST_COUNTED, Need, NeedKind

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True)
class _Words:
    """`one` and `many` of it, what to do, and the page where that is done with the link's words.

    `many` may name {count}, both may name what it is about.
    """

    one: str
    many: str
    what_to_do: str
    page: str
    link: str
    tone: str = "wait"
    path: Mapping[str, object] = field(default_factory=dict)


_WORDS: Final[Mapping[NeedKind, _Words]] = {
    NeedKind.SEAL_BEHIND: _Words(
        "The seal is ahead of this database",
        "The seal is ahead of this database",
        "It was restored from a dump. Take no money before docs/deployment.md was followed.",
        "books",
        "Look at the seal",
        "bad",
    ),
    NeedKind.INVARIANT_BROKEN: _Words(
        "Broken: {about}",
        "Broken: {about} ({count} times)",
        "The money that could make it worse is stopped. Find out why before anything runs again.",
        "books",
        "See what breaks it",
        "bad",
    ),
    NeedKind.SWITCH_OFF: _Words(
        "{about} are off",
        "{about} are off",
        "Callers are told so. Turn them on again once the reason is gone.",
        "settings_page",
        "To the switches",
        "bad",
    ),
    NeedKind.INVARIANT_UNCHECKED: _Words(
        "1 invariant was not looked at lately",
        "{count} invariants were not looked at lately",
        "See whether the worker runs: it looks at each once a minute or so.",
        "books",
        "See which",
    ),
    NeedKind.DISPUTE: _Words(
        "1 dispute waits for a ruling",
        "{count} disputes wait for a ruling",
        "A third admin reads the evidence and upholds or dismisses it.",
        "markets",
        "To the markets",
        path={"status": "proposed"},
    ),
    NeedKind.RESULT_TO_RESOLVE: _Words(
        "1 result waits for a second person",
        "{count} results wait for a second person",
        "Read the evidence, look at who would be paid what, and resolve.",
        "markets",
        "To the markets",
        path={"status": "proposed"},
    ),
    NeedKind.RESULT_MISSING: _Words(
        "1 market has closed without a result",
        "{count} markets have closed without a result",
        "Propose the result with its evidence. At its deadline the service voids a market.",
        "markets",
        "To the markets",
        path={"status": "closed"},
    ),
    NeedKind.DECISION_TO_APPROVE: _Words(
        "1 decision about a payment waits for a second person",
        "{count} decisions about payments wait for a second person",
        "Check the evidence against M-Pesa, then approve, or take it back.",
        "payments",
        "To the payments",
    ),
    NeedKind.DEPOSIT_UNCLEAR: _Words(
        "1 deposit is unclear",
        "{count} deposits are unclear",
        "Look it up at M-Pesa and propose what became of it.",
        "payments",
        "To the deposits",
        path={"needs": "deposits"},
    ),
    NeedKind.WITHDRAWAL_LARGE: _Words(
        "1 large withdrawal waits for two people",
        "{count} large withdrawals wait for two people",
        "Its money is held. One proposes to release it, another approves; or one refuses it.",
        "payments",
        "To the payments",
        path={"needs": "large"},
    ),
    NeedKind.WITHDRAWAL_UNCLEAR: _Words(
        "1 withdrawal is unclear",
        "{count} withdrawals are unclear",
        "Its money is held. Look it up at M-Pesa and propose what became of it.",
        "payments",
        "To the withdrawals",
        path={"needs": "withdrawals"},
    ),
    NeedKind.PAYBILL_SUSPENSE: _Words(
        "1 payment to the paybill is in suspense",
        "{count} payments to the paybill are in suspense",
        "Find out whose money it is and propose to place it.",
        "payments",
        "To the suspense",
        path={"needs": "suspense"},
    ),
    NeedKind.PAYBILL_UNPROVEN: _Words(
        "1 payment to the paybill was never proven",
        "{count} payments to the paybill were never proven",
        "M-Pesa has not answered for it. Look for its receipt on the statement.",
        "payments",
        "To the suspense",
        path={"needs": "suspense"},
    ),
    NeedKind.STATEMENT_TO_APPROVE: _Words(
        "1 imported statement waits for a second person",
        "{count} imported statements wait for a second person",
        "Compare its lines with the file and approve it.",
        "statements",
        "To the statements",
    ),
    NeedKind.STATEMENT_BREAK: _Words(
        "1 line of M-Pesa's statement fits nothing in our books",
        "{count} lines of M-Pesa's statement fit nothing in our books",
        "Read why, and find out what happened at M-Pesa.",
        "statement_breaks",
        "To the differences",
    ),
    NeedKind.MPESA_LATE_IN: _Words(
        "M-Pesa has not answered for 1 deposit",
        "M-Pesa has not answered for {count} deposits",
        "The service goes on asking for a day. Many at once: see whether M-Pesa is down.",
        "payments",
        "To the payments",
    ),
    NeedKind.MPESA_LATE_OUT: _Words(
        "M-Pesa has not answered for 1 withdrawal",
        "M-Pesa has not answered for {count} withdrawals",
        "The service goes on asking for a day. Many at once: stop withdrawals and call M-Pesa.",
        "payments",
        "To the withdrawals",
        path={"needs": "withdrawals"},
    ),
    NeedKind.SMS_WAITING: _Words(
        "1 SMS has waited for more than a minute",
        "{count} SMS have waited for more than a minute",
        "See whether the worker runs and whether the provider takes them.",
        "messages",
        "To the messages",
    ),
    NeedKind.SMS_ROUTE_AWAY: _Words(
        "SMS go by {about}, by trouble or by order",
        "SMS go by {about}, by trouble or by order",
        "The service goes back by itself, unless somebody decided it: flask --app app sms route.",
        "messages",
        "To the messages",
    ),
    NeedKind.JOB_SET_ASIDE: _Words(
        "1 job was set aside after its last try",
        "{count} jobs were set aside after their last try",
        "Mend the cause, then let it run again: flask --app app job list.",
        "",
        "",
    ),
    NeedKind.SEAL_LATE: _Words(
        "Transfers wait for their seal",
        "Transfers wait for their seal",
        "See whether the worker runs, and whether a transaction never ends.",
        "books",
        "Look at the seal",
    ),
    NeedKind.DRAFT_TO_APPROVE: _Words(
        "1 drafted market waits for a second person",
        "{count} drafted markets wait for a second person",
        "Read it as the phone shows it, and approve it.",
        "markets",
        "To the markets",
        path={"status": "draft"},
    ),
    NeedKind.VALUE_TO_APPROVE: _Words(
        "1 fee or limit waits for a second person",
        "{count} fees or limits wait for a second person",
        "Check its source and approve it before its time comes.",
        "settings_page",
        "To the settings",
    ),
    NeedKind.ROLE_TO_APPROVE: _Words(
        "1 role waits for a second owner",
        "{count} roles wait for a second owner",
        "Approve it, or withdraw it.",
        "staff_list",
        "To the staff",
    ),
}


@dataclass(frozen=True)
class SaidNeed:
    """One line of the first page."""

    title: str
    what_to_do: str
    age: str
    tone: str
    page: str
    link: str
    path: Mapping[str, object]


def said(need: Need, *, now: datetime) -> SaidNeed:
    """The need as a person reads it."""
    words = _WORDS[need.kind]
    count = f"{need.count:,}" + (" or more" if need.count >= MOST_COUNTED else "")
    title = (words.one if need.count == 1 else words.many).format(
        count=count, about=need.about[:1].upper() + need.about[1:]
    )
    return SaidNeed(
        title=title,
        what_to_do=words.what_to_do,
        age="" if need.oldest is None else span(now - need.oldest),
        tone=words.tone,
        page=words.page and f"admin.{words.page}",
        link=words.link,
        path=words.path,
    )


def span(time: timedelta) -> str:
    """How long something lasts already, in its two largest units."""
    minutes = max(0, int(time.total_seconds() // 60))
    hours, days = minutes // 60, time // _DAY
    if days >= 1:
        left = hours % 24
        return _units(days, "day") + (f" {left} h" if left else "")
    if hours:
        return f"{hours} h" + (f" {minutes % 60} min" if minutes % 60 else "")
    return f"{minutes} min" if minutes else "less than a minute"


def _units(count: int, unit: str) -> str:
    return f"1 {unit}" if count == 1 else f"{count:,} {unit}s"
