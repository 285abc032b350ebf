"""Use cases: two people decide about a deposit that the provider left unclear."""

from typing import Final

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.deposits.fail_deposit import tell
from core.deposits.records import Deposit, deposit, lock_deposit
from core.deposits.reverse_deposit import reverse_deposit
from core.deposits.rules import DepositState, WrongDepositState
from core.deposits.settle_deposit import Settled, settle_by_proof
from core.notices import texts
from core.players.records import get_player
from core.provider.decide import Decision, DecisionOutcome, agree, open_decision, propose_decision
from core.provider.receipts import ReceiptTaken, ensure_free, parse_receipt
from core.provider.subjects import Subject, SubjectKind
from core.provider.withdraw_decision import withdraw_decision
from core.staff.records import Admin
from core.text import _

_DECIDABLE: Final = {
    DecisionOutcome.CONFIRMED: {
        DepositState.UNRESOLVED,
        DepositState.FAILED,
        DepositState.SUBMIT_UNKNOWN,
        DepositState.PENDING,
    },
    DecisionOutcome.REVERSED: {DepositState.SUCCEEDED},
    DecisionOutcome.FAILED: {DepositState.UNRESOLVED},
}


def fitting_outcomes(found: Deposit) -> list[DecisionOutcome]:
    """What may be proposed of the deposit as it stands."""
    return [outcome for outcome in _DECIDABLE if _fits(found, outcome)]


def propose_deposit_outcome(
    connection: Connection,
    *,
    deposit_id: int,
    outcome: DecisionOutcome,
    evidence: str,
    by: Admin,
    receipt: str | None = None,
) -> int:
    """Propose that it was paid (confirmed), that it never was (failed), or to take it back.

    Nothing moves before another admin agrees. Raises NoSuchThing,
    WrongDepositState where the outcome does not fit, NotAReceipt or ReceiptTaken for confirmed,
    and what propose_decision raises.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    _ensure_fits(found, outcome)
    named = None
    if outcome is DecisionOutcome.CONFIRMED:
        named = _receipt_of(connection, found, receipt)
    return propose_decision(
        connection,
        subject=_subject(found),
        outcome=outcome,
        player_id=found.player_id,
        evidence=evidence,
        by=by,
        receipt=named,
    )


def decide_deposit(
    connection: Connection, *, deposit_id: int, by: Admin, decision_id: int | None = None
) -> Decision:
    """Agree to what is proposed about the deposit, and do it: credit and confirm, reverse or fail.

    `decision_id` is the proposal that was read; None means whichever is open. Raises NotOpen (also
    on a repeat), ProposalChanged, what `agree` raises, and WrongDepositState or ReceiptTaken where
    the deposit or its receipt has moved on since the proposal.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    proposed = open_decision(connection, subject=_subject(found), decision_id=decision_id)
    made = agree(connection, decision_id=proposed.id, by=by)
    _ensure_fits(found, made.outcome)
    match made.outcome:
        case DecisionOutcome.CONFIRMED:
            _confirm(connection, found, made)
        case DecisionOutcome.REVERSED:
            reverse_deposit(
                connection,
                found,
                actor=made.proposed_by,
                second_actor=made.agreed_by,
                reason=made.evidence,
            )
        case _:
            _fail(connection, found, made)
    return made


def cancel_proposal(
    connection: Connection, *, deposit_id: int, by: Admin, decision_id: int | None = None
) -> None:
    """Take the open proposal back, so that another can be made; nothing moves.

    Raises NoSuchThing, and what `withdraw_decision` raises (also on a repeat).
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    withdraw_decision(connection, subject=_subject(found), by=by, decision_id=decision_id)


def _ensure_fits(found: Deposit, outcome: DecisionOutcome) -> None:
    if not _fits(found, outcome):
        raise WrongDepositState(found.id, found.state)


def _fits(found: Deposit, outcome: DecisionOutcome) -> bool:
    doubted = found.state is DepositState.SUCCEEDED and found.review is not None
    if outcome is DecisionOutcome.CONFIRMED and doubted:
        return True
    return found.state in _DECIDABLE.get(outcome, set())


def _receipt_of(connection: Connection, found: Deposit, typed: str | None) -> str:
    receipt = parse_receipt(typed or found.receipt)
    if found.receipt not in {None, receipt}:
        raise ReceiptTaken(receipt)
    ensure_free(connection, receipt=receipt, subject=_subject(found))
    return receipt


def _confirm(connection: Connection, found: Deposit, made: Decision) -> None:
    assert made.receipt is not None, "the proposal names it"
    settled = settle_by_proof(
        connection,
        found,
        receipt=made.receipt,
        amount=found.amount,
        proven_by=f"{made.proposed_by} and {made.agreed_by}",
    )
    if settled is Settled.REVIEW:
        raise ReceiptTaken(made.receipt)


def _fail(connection: Connection, found: Deposit, made: Decision) -> None:
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.state == found.state)
    marked = connection.execute(change.values(state=DepositState.FAILED, review=None))
    assert marked.rowcount == 1, "the caller holds the lock"
    subject = str(_subject(found))
    record(
        connection,
        actor="system",
        act="deposit.failed",
        subject=subject,
        before={"state": found.state, "review": found.review},
        after={"state": DepositState.FAILED, "review": None},
        decision=made.id,
    )
    payer = get_player(connection, player_id=found.player_id)
    reason = _("M-Pesa has no payment of it.")
    tell(connection, payer, text=texts.deposit_failed(amount=found.amount, reason=reason))


def _subject(found: Deposit) -> Subject:
    return Subject(SubjectKind.DEPOSIT, found.id)
