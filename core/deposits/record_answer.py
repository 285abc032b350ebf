"""Use cases around a query: which deposit is worth asking about, and what the answer changes."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, exists, func, select

from core.audit_trail.records import record
from core.deposits import rules
from core.deposits.answers import Answer, Failed, NoAnswer, Paid
from core.deposits.ask_for_proof import ask_for_proof
from core.deposits.call_person import call_person
from core.deposits.contradict_deposit import contradict_deposit
from core.deposits.fail_deposit import fail_deposit
from core.deposits.judge_callback import Verdict
from core.deposits.record_push import look_later
from core.deposits.records import Deposit, deposit, get_deposit, lock_deposit
from core.deposits.review_deposit import NEVER_CONFIRMED, flag_deposit
from core.deposits.rules import FAILABLE, DepositState
from core.deposits.settle_deposit import Settled, settle_by_query
from core.outbox.records import ask
from core.provider.records import provider_callback


class Outcome(StrEnum):
    """What an answer of the provider changed."""

    CREDITED = "credited"
    CONFIRMED = "confirmed"
    FAILED = "failed"
    UNCHANGED = "unchanged"
    REVIEW = "review"


def begin_look(connection: Connection, *, deposit_id: int, look: int | None) -> str | None:
    """The CheckoutRequestID to ask about, or None where this look is not needed.

    Asks for the next look before this one is taken, so that a lost worker never ends the chain.
    A look of None is an extra one. At the last look, what cannot be asked about is unresolved.
    """
    found = get_deposit(connection, deposit_id=deposit_id)
    if found.pushed_at is None or not _is_worth_asking(found):
        return None
    if look is not None:
        if look < rules.LAST_LOOK:
            look_later(connection, deposit_id=deposit_id, look=look + 1, pushed_at=found.pushed_at)
        if not _is_its_turn(found, look=look, pushed_at=found.pushed_at):
            return None
    if found.checkout_request_id is None:
        give_up(connection, deposit_id=deposit_id)
    return found.checkout_request_id


def record_answer(
    connection: Connection, *, deposit_id: int, asked_about: str, answer: Answer
) -> Outcome:
    """Credit, confirm or fail the deposit as the provider's own answer says; a repeat is harmless.

    An early "0" is noted and asked about again. A failure never overwrites a success, and what is
    under review is neither credited nor confirmed.
    """
    found = lock_deposit(connection, deposit_id=deposit_id)
    if found.checkout_request_id != asked_about:
        # The push's own answer has replaced the id while the question was on its way.
        return Outcome.UNCHANGED
    match answer:
        case Paid():
            return _hear_paid(connection, found)
        case Failed():
            return _hear_failed(connection, found, answer)
        case NoAnswer():
            return Outcome.UNCHANGED


def give_up(connection: Connection, *, deposit_id: int) -> bool:
    """After the last look: leave an open deposit, or an unconfirmed credit, to a person."""
    found = lock_deposit(connection, deposit_id=deposit_id)
    if found.pushed_at is None or found.now - found.pushed_at < rules.QUERY_AFTER[-1]:
        return False
    if found.state is DepositState.SUCCEEDED and found.confirmed_at is None:
        flag_deposit(connection, found, why=NEVER_CONFIRMED)
        if found.receipt is not None:
            ask_for_proof(connection, deposit_id=found.id, because="never_confirmed")
        return False
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.state.in_(FAILABLE))
    if connection.execute(change.values(state=DepositState.UNRESOLVED)).rowcount == 0:
        return False
    record(
        connection,
        actor="system",
        act="deposit.unresolved",
        subject=f"deposit:{deposit_id}",
        before={"state": found.state},
        after={"state": DepositState.UNRESOLVED},
    )
    why = f"{found.amount} asked for, and nobody knows whether it was paid"
    call_person(connection, kind="deposit_unresolved", deposit_id=deposit_id, why=why)
    return True


def outcome_of(settled: Settled) -> Outcome:
    """What an answer changed that reports a success."""
    match settled:
        case Settled.CREDITED:
            return Outcome.CREDITED
        case Settled.CONFIRMED:
            return Outcome.CONFIRMED
        case Settled.REVIEW:
            return Outcome.REVIEW
        case Settled.REPEATED | Settled.RECEIPT_ADDED:
            return Outcome.UNCHANGED


def _is_worth_asking(found: Deposit) -> bool:
    match found.state:
        case DepositState.SUCCEEDED:
            return found.confirmed_at is None
        case DepositState.FAILED | DepositState.UNRESOLVED:
            return True
        case _:
            return found.state in FAILABLE


def _is_its_turn(found: Deposit, *, look: int, pushed_at: datetime) -> bool:
    if found.state is DepositState.FAILED and look not in rules.LOOKS_AFTER_FAILURE:
        return False
    # A look that waited past the next one's time would only use up the budget twice.
    overtaken = look < rules.LAST_LOOK and found.now >= pushed_at + rules.QUERY_AFTER[look + 1]
    return not overtaken


def _hear_paid(connection: Connection, found: Deposit) -> Outcome:
    if found.state is not DepositState.SUCCEEDED and not _zero_counts(connection, found):
        _note_zero(connection, found)
        return Outcome.UNCHANGED
    return outcome_of(settle_by_query(connection, found))


def _hear_failed(connection: Connection, found: Deposit, answer: Failed) -> Outcome:
    if fail_deposit(connection, found, answer=answer):
        return Outcome.FAILED
    if found.state is DepositState.SUCCEEDED:
        contradict_deposit(connection, found, why=f"a query says failed ({answer.code})")
        return Outcome.REVIEW
    return Outcome.UNCHANGED


def _zero_counts(connection: Connection, found: Deposit) -> bool:
    assert found.pushed_at is not None, "only what was pushed is asked about"
    if rules.zero_counts(
        pushed_at=found.pushed_at, first_zero_at=found.query_zero_at, now=found.now
    ):
        return True
    said_paid = exists().where(
        provider_callback.c.deposit_id == found.id,
        provider_callback.c.verdict == Verdict.SAID_PAID,
    )
    return bool(connection.execute(select(said_paid)).scalar_one())


def _note_zero(connection: Connection, found: Deposit) -> None:
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.query_zero_at.is_(None))
    connection.execute(change.values(query_zero_at=func.kibeezy_now()))
    ask(
        connection,
        kind="stk_query",
        payload={"deposit_id": found.id},
        key=f"stk_query:{found.id}:second_zero",
        delay=rules.ZERO_SEEN_TWICE_APART,
    )
