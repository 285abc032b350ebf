"""Use case: settle, against the provider's own answers, whatever is not known for sure."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TypeAlias

from sqlalchemy import Connection, Engine, and_, func, or_, select

from core.database import in_transaction
from core.deposits import rules
from core.deposits.answers import Answer
from core.deposits.record_answer import Outcome, give_up, record_answer
from core.deposits.records import DEPOSITS, Deposit, deposit, read_deposit
from core.deposits.rules import CREDITABLE, DepositState

Query: TypeAlias = Callable[[str], Answer]
Progress: TypeAlias = Callable[[Deposit, Outcome], None]


@dataclass(frozen=True)
class Summary:
    """How many deposits the provider was asked about, and how those and the others ended.

    What has no provider's id is not asked about, and counts as still unknown.
    """

    asked: int = 0
    credited: int = 0
    confirmed: int = 0
    failed: int = 0
    still_unknown: int = 0


def reconcile(database: Engine, *, since: timedelta, query: Query, progress: Progress) -> Summary:
    """Ask about each unsure deposit of the last `since`, and settle it; a repeat is harmless.

    Each deposit is its own transaction, with the call outside of any; `query` waits for its place
    in the budget and never raises for an unclear answer. What has no provider's id cannot be asked
    about and stays unknown, and is left to a person after a day.
    """
    summary = Summary()
    for unsure in in_transaction(database, lambda c: _unsure(c, since)):
        outcome = _settle(database, unsure, query)
        progress(unsure, outcome)
        summary = _count(summary, unsure, outcome)
    return summary


def _settle(database: Engine, unsure: Deposit, query: Query) -> Outcome:
    outcome, checkout_id = Outcome.UNCHANGED, unsure.checkout_request_id
    if checkout_id is not None:
        answer = query(checkout_id)
        outcome = in_transaction(
            database,
            lambda c: record_answer(
                c, deposit_id=unsure.id, asked_about=checkout_id, answer=answer
            ),
        )
    if outcome in {Outcome.UNCHANGED, Outcome.REVIEW}:
        in_transaction(database, lambda c: give_up(c, deposit_id=unsure.id))
    return outcome


def _unsure(connection: Connection, since: timedelta) -> list[Deposit]:
    moment = select(func.kibeezy_now()).scalar_subquery()
    rows = connection.execute(
        DEPOSITS.where(
            deposit.c.requested_at > moment - since,
            deposit.c.pushed_at <= moment - rules.QUERY_AFTER[0],
            or_(
                deposit.c.state.in_(CREDITABLE),
                and_(deposit.c.state == DepositState.SUCCEEDED, deposit.c.confirmed_at.is_(None)),
            ),
        ).order_by(deposit.c.id)
    )
    return [read_deposit(row) for row in rows]


def _count(summary: Summary, unsure: Deposit, outcome: Outcome) -> Summary:
    asked = summary.asked + (unsure.checkout_request_id is not None)
    match outcome:
        case Outcome.CREDITED:
            return replace(summary, asked=asked, credited=summary.credited + 1)
        case Outcome.CONFIRMED:
            return replace(summary, asked=asked, confirmed=summary.confirmed + 1)
        case Outcome.FAILED:
            return replace(summary, asked=asked, failed=summary.failed + 1)
        case Outcome.UNCHANGED | Outcome.REVIEW if unsure.state is DepositState.FAILED:
            # It was known to have failed, and still is.
            return replace(summary, asked=asked)
        case Outcome.UNCHANGED | Outcome.REVIEW:
            return replace(summary, asked=asked, still_unknown=summary.still_unknown + 1)
