"""Use case: decide what a stored result, or a queue's time-out, means for its withdrawal."""

from collections.abc import Callable
from enum import StrEnum

from sqlalchemy import Connection, select

from core.money import Money
from core.outbox.records import URGENT, ask
from core.provider.questions import close_answer
from core.provider.records import provider_callback
from core.provider.store_callback import CallbackKind
from core.withdrawals.answers import HeardPayout, NotKnown, NotPaid, PaidOut
from core.withdrawals.claw_back import claw_back
from core.withdrawals.end_withdrawal import (
    attach_receipt,
    fail_withdrawal,
    pay_withdrawal,
    review_withdrawal,
)
from core.withdrawals.records import Withdrawal, lock_withdrawal
from core.withdrawals.rules import ENDED, IN_DOUBT, ONE_DOUBT, WithdrawalState
from core.withdrawals.send_payout import payout_unknown, stop_payouts


class Verdict(StrEnum):
    """What became of what was heard."""

    PAID = "paid"
    FAILED = "failed"
    REPEATED = "repeated"
    PAID_AFTER_RELEASE = "paid after release"
    DISAGREES = "disagrees"
    REVIEW = "review"
    ASKED = "asked instead"
    NOTHING = "nothing"


def judge_result(
    connection: Connection, *, callback_id: int, read: Callable[[str], HeardPayout | None]
) -> Verdict | None:
    """Act on a stored result once; None for a repeat. `read` makes sense of the body, or None.

    Pays or fails only where the sender was trusted and ids and amount are the withdrawal's.
    A time-out of the provider's queue is no failure (daraja.md §5.2): it leads to a question.
    """
    row = connection.execute(
        select(provider_callback)
        .where(provider_callback.c.id == callback_id)
        .with_for_update(key_share=True)
    ).one()
    if row.processed_at is not None:
        return None
    found = lock_withdrawal(connection, withdrawal_id=row.withdrawal_id)
    if row.kind == CallbackKind.B2C_TIMEOUT:
        payout_unknown(connection, withdrawal_id=found.id, code="queue_timeout")
        verdict = _ask(connection, found)
    else:
        heard = read(row.body) if row.trusted else None
        verdict = _judge(connection, found, heard=heard) or _ask(connection, found)
    close_answer(connection, callback_id=callback_id, verdict=verdict)
    return verdict


def prove_paid(
    connection: Connection,
    found: Withdrawal,
    *,
    receipt: str | None,
    amount: Money | None,
    proven_by: str,
) -> Verdict:
    """Book a payment that the provider vouches for: by result, Transaction Status or statement.

    A repeat changes nothing. Another amount, another receipt, or a payment that nobody asked for
    goes to review, and then nothing moves. The caller holds the row.
    """
    if found.sent_at is None:
        review_withdrawal(connection, found, why=f"{proven_by} says paid, but nobody asked for it")
        return Verdict.REVIEW
    if amount is not None and amount != found.net:
        review_withdrawal(
            connection, found, why=f"{proven_by} says {amount} instead of {found.net}"
        )
        return Verdict.REVIEW
    if found.state in {WithdrawalState.PAID, WithdrawalState.PAID_AFTER_RELEASE}:
        return _repeated(connection, found, receipt, proven_by)
    if found.state in IN_DOUBT:
        paid = pay_withdrawal(connection, found, receipt=receipt, proven_by=proven_by)
        return Verdict.PAID if paid else Verdict.REVIEW
    if found.state not in ENDED:
        # M-Pesa had no time, as it said, so the order waits; sent again it is known as the same.
        review_withdrawal(connection, found, why=f"{proven_by} says paid while {found.state}")
        return Verdict.REVIEW
    booked = claw_back(connection, found, receipt=receipt, proven_by=proven_by)
    return Verdict.PAID_AFTER_RELEASE if booked else Verdict.REVIEW


def hear_failed(
    connection: Connection, found: Withdrawal, *, answer: NotPaid, proven_by: str
) -> Verdict:
    """Give the money back on the provider's word, but not where its words contradict each other.

    A success is never overwritten, and what is under review stays held until a person decides.
    Repeats pass. The caller holds the row.
    """
    in_doubt = found.state in IN_DOUBT
    if in_doubt and found.review is None:
        fail_withdrawal(connection, found, code=answer.code, reason=answer.reason)
        if answer.ours:
            stop_payouts(connection, found, code=answer.code)
        return Verdict.FAILED
    if in_doubt or found.state in {WithdrawalState.PAID, WithdrawalState.PAID_AFTER_RELEASE}:
        review_withdrawal(connection, found, why=f"{proven_by} says failed ({answer.code})")
        return Verdict.DISAGREES
    return Verdict.REPEATED


def _judge(
    connection: Connection, found: Withdrawal, *, heard: HeardPayout | None
) -> Verdict | None:
    """What was done; None where only the provider's answer to a question can tell."""
    if heard is None:
        return None
    if _differs(found.originator_id, heard.originator_id) or _differs(
        found.conversation_id, heard.conversation_id
    ):
        review_withdrawal(connection, found, why="a result for another payout came here")
        return Verdict.REVIEW
    match heard.answer:
        case PaidOut() if heard.receipt is None or heard.amount is None:
            return None
        case PaidOut():
            return prove_paid(
                connection,
                found,
                receipt=heard.receipt,
                amount=heard.amount,
                proven_by="result",
            )
        case NotPaid() as answer if heard.originator_id is not None:
            return hear_failed(connection, found, answer=answer, proven_by="result")
        case NotPaid() | NotKnown() as answer:
            payout_unknown(connection, withdrawal_id=found.id, code=answer.code)
            return None


def _repeated(
    connection: Connection, found: Withdrawal, receipt: str | None, proven_by: str
) -> Verdict:
    if receipt is None or receipt == found.receipt:
        return Verdict.REPEATED
    if found.receipt is not None:
        why = f"{proven_by} names a second receipt {receipt}"
        review_withdrawal(connection, found, why=why)
        return Verdict.REVIEW
    named = attach_receipt(connection, found, receipt=receipt, proven_by=proven_by)
    return Verdict.REPEATED if named else Verdict.REVIEW


def _ask(connection: Connection, found: Withdrawal) -> Verdict:
    """Ask the provider itself, soon; once for all doubts of a while, however often they come."""
    age = found.now - (found.sent_at or found.requested_at)
    ask(
        connection,
        kind="withdrawal_status",
        payload={"withdrawal_id": found.id},
        key=f"withdrawal_status:{found.id}:{found.state}:doubt:{age // ONE_DOUBT}",
        priority=URGENT,
    )
    return Verdict.ASKED


def _differs(ours: str | None, theirs: str | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs
