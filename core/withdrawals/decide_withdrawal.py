"""Use cases: two people decide what became of a withdrawal that the provider left unclear."""

from typing import Final

from sqlalchemy import Connection

from core.errors import Refused
from core.provider.decide import (
    Decision,
    DecisionOutcome,
    agree,
    open_decision,
    propose_decision,
)
from core.provider.receipts import ReceiptTaken, ensure_free, parse_receipt
from core.provider.subjects import Subject, SubjectKind
from core.provider.withdraw_decision import withdraw_decision
from core.staff.records import Admin
from core.text import _
from core.withdrawals.approve_large import approve_release
from core.withdrawals.end_withdrawal import fail_withdrawal
from core.withdrawals.judge_result import Verdict, prove_paid
from core.withdrawals.records import Withdrawal, lock_withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalState

_REASON: Final = _("M-Pesa did not pay it out.")


class WrongWithdrawalState(Refused):
    """The outcome does not fit where the withdrawal stands."""

    def __init__(self, withdrawal_id: int, state: WithdrawalState) -> None:
        super().__init__(
            _("Withdrawal {withdrawal_id} is {state}.", withdrawal_id=withdrawal_id, state=state)
        )


def fitting_outcomes(found: Withdrawal) -> list[DecisionOutcome]:
    """What may be proposed of the withdrawal as it stands."""
    outcomes = (DecisionOutcome.PAID, DecisionOutcome.FAILED)
    return [outcome for outcome in outcomes if _fits(found, outcome)]


def propose_withdrawal_outcome(
    connection: Connection,
    *,
    withdrawal_id: int,
    outcome: DecisionOutcome,
    evidence: str,
    by: Admin,
    receipt: str | None = None,
) -> int:
    """Propose that it was paid or never was; nothing moves before another admin agrees.

    Only what M-Pesa was asked about for a day without an answer, or never was asked to pay, can be
    called failed; paid may also be what was given back, and what was booked as paid but is under
    review, with its receipt. Raises NoSuchThing, WrongWithdrawalState, NotAReceipt or ReceiptTaken,
    and what propose_decision raises.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    _ensure_fits(found, outcome)
    named = None
    if outcome is DecisionOutcome.PAID:
        named = parse_receipt(receipt)
        ensure_free(connection, receipt=named, subject=_subject(found))
    return propose_decision(
        connection,
        subject=_subject(found),
        outcome=outcome,
        player_id=found.player_id,
        evidence=evidence,
        by=by,
        receipt=named,
    )


def decide_withdrawal(
    connection: Connection, *, withdrawal_id: int, by: Admin, decision_id: int | None = None
) -> Decision:
    """Agree to what is proposed about the withdrawal, and do it: book it as paid, or give it back.

    Whatever was under review is decided with it. `decision_id` is the proposal that was read; None
    means whichever is open. Raises NotOpen (also on a repeat), ProposalChanged, what `agree`
    raises, and WrongWithdrawalState or ReceiptTaken where withdrawal or receipt have moved on
    since the proposal. What is proposed may also be the release of a large one: see there.
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    proposed = open_decision(connection, subject=_subject(found), decision_id=decision_id)
    if proposed.outcome is DecisionOutcome.RELEASED:
        return approve_release(
            connection, withdrawal_id=withdrawal_id, by=by, decision_id=proposed.id
        )
    made = agree(connection, decision_id=proposed.id, by=by)
    _ensure_fits(found, made.outcome)
    people = f"{made.proposed_by} and {made.agreed_by}"
    if found.review is not None:
        change = withdrawal.update().where(withdrawal.c.id == found.id)
        connection.execute(change.values(review=None))
    if made.outcome is DecisionOutcome.FAILED:
        fail_withdrawal(connection, found, code="decided", reason=_REASON)
        return made
    assert made.receipt is not None, "the proposal names it"
    verdict = prove_paid(
        connection, found, receipt=made.receipt, amount=found.net, proven_by=people
    )
    if verdict is Verdict.REVIEW:
        raise ReceiptTaken(made.receipt)
    return made


def cancel_proposal(
    connection: Connection, *, withdrawal_id: int, by: Admin, decision_id: int | None = None
) -> None:
    """Take the open proposal back, so that another can be made; nothing moves.

    Raises NoSuchThing, and what `withdraw_decision` raises (also on a repeat).
    """
    found = lock_withdrawal(connection, withdrawal_id=withdrawal_id)
    withdraw_decision(connection, subject=_subject(found), by=by, decision_id=decision_id)


def _ensure_fits(found: Withdrawal, outcome: DecisionOutcome) -> None:
    if not _fits(found, outcome):
        raise WrongWithdrawalState(found.id, found.state)


def _fits(found: Withdrawal, outcome: DecisionOutcome) -> bool:
    sent = found.sent_at is not None
    match outcome, found.state:
        case DecisionOutcome.PAID, WithdrawalState.MANUAL | WithdrawalState.FAILED:
            return sent
        case DecisionOutcome.PAID, WithdrawalState.PAID:
            return found.review is not None
        case DecisionOutcome.FAILED, WithdrawalState.MANUAL:
            return True
        case DecisionOutcome.FAILED, WithdrawalState.REQUESTED | WithdrawalState.QUEUED:
            return not sent
        case _:
            return False


def _subject(found: Withdrawal) -> Subject:
    return Subject(SubjectKind.WITHDRAWAL, found.id)
