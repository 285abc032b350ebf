"""Use case: decide what a stored callback means for its deposit."""

from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func, select

from core.deposits.answers import Failed, Heard, NoAnswer, Paid
from core.deposits.contradict_deposit import contradict_deposit
from core.deposits.fail_deposit import fail_deposit
from core.deposits.record_push import bind_ids, look_later
from core.deposits.records import Deposit, lock_deposit
from core.deposits.review_deposit import flag_deposit
from core.deposits.rules import DepositState
from core.deposits.settle_deposit import Settled, settle_by_receipt
from core.outbox.records import URGENT, ask
from core.phone import may_be
from core.players.records import get_player
from core.provider.records import provider_callback

# The query was seen to lag behind the approval by seconds (daraja.md §4, observed).
CONFIRM_AFTER: Final = timedelta(seconds=5)


class Verdict(StrEnum):
    """What became of a callback."""

    CREDITED = "credited"
    REPEATED = "repeated"
    RECEIPT_ADDED = "receipt added"
    FAILED = "failed"
    DISAGREES = "disagrees"
    REVIEW = "review"
    SAID_PAID = "said paid, not believed before a query"
    DOUBTED = "doubted, asked instead"


def judge_callback(
    connection: Connection, *, callback_id: int, read: Callable[[str], Heard | None]
) -> Verdict | None:
    """Act on a stored callback once; None for a repeat. `read` makes sense of the body, or None.

    Credits only where the sender was trusted and ids, amount and phone are the deposit's; doubts
    lead to a query about the ids that are known, contradictions to review.
    """
    row = connection.execute(
        select(provider_callback)
        .where(provider_callback.c.id == callback_id)
        .with_for_update(key_share=True)
    ).one()
    if row.processed_at is not None:
        return None
    found = lock_deposit(connection, deposit_id=row.deposit_id)
    verdict = _judge(connection, found, heard=read(row.body), trusted=row.trusted)
    change = provider_callback.update().where(provider_callback.c.id == callback_id)
    connection.execute(change.values(processed_at=func.kibeezy_now(), verdict=verdict))
    return verdict


def ask_now(
    connection: Connection, *, deposit_id: int, because: str, delay: timedelta = timedelta(0)
) -> None:
    """Ask the worker to query the provider at once; the same cause asks once."""
    ask(
        connection,
        kind="stk_query",
        payload={"deposit_id": deposit_id},
        key=f"stk_query:{deposit_id}:{because}",
        delay=delay,
        priority=URGENT,
    )


def _judge(
    connection: Connection, found: Deposit, *, heard: Heard | None, trusted: bool
) -> Verdict:
    if heard is None:
        return _doubt(connection, found, Verdict.DOUBTED)
    mismatch = _mismatch(connection, found, heard)
    if mismatch is not None:
        # A stranger's word stops the queries; it calls nobody, and freezes nobody's money.
        doubt = contradict_deposit if trusted else flag_deposit
        doubt(connection, found, why=f"callback: {mismatch}")
        return Verdict.REVIEW
    if not trusted:
        # A stranger does not choose which payment is asked about, so his ids are not noted, even
        # where no others are known: then a person decides, who can read what is stored.
        said_paid = isinstance(heard.answer, Paid)
        return _doubt(connection, found, Verdict.SAID_PAID if said_paid else Verdict.DOUBTED)
    if not _bind(connection, found, heard):
        return Verdict.REVIEW
    match heard.answer:
        case Paid():
            return _succeed(connection, found, heard)
        case Failed() as answer:
            return _fail(connection, found, answer)
        case NoAnswer():
            return _doubt(connection, found, Verdict.DOUBTED)


def _succeed(connection: Connection, found: Deposit, heard: Heard) -> Verdict:
    if heard.receipt is None or heard.amount is None:
        # Every item is optional (daraja.md §3), yet without these nothing proves the payment.
        return _doubt(connection, found, Verdict.SAID_PAID)
    match settle_by_receipt(connection, found, receipt=heard.receipt):
        case Settled.CREDITED:
            # So that the money can be withdrawn soon; on schedule it would wait for half a minute.
            delay = CONFIRM_AFTER
            ask_now(connection, deposit_id=found.id, because="credited", delay=delay)
            return Verdict.CREDITED
        case Settled.RECEIPT_ADDED:
            return Verdict.RECEIPT_ADDED
        case Settled.REVIEW:
            return Verdict.REVIEW
        case Settled.REPEATED | Settled.CONFIRMED:
            return Verdict.REPEATED


def _fail(connection: Connection, found: Deposit, answer: Failed) -> Verdict:
    if fail_deposit(connection, found, answer=answer):
        return Verdict.FAILED
    if found.state is DepositState.SUCCEEDED:
        contradict_deposit(connection, found, why=f"callback says failed ({answer.code})")
        return Verdict.DISAGREES
    return Verdict.REPEATED


def _doubt(connection: Connection, found: Deposit, verdict: Verdict) -> Verdict:
    ask_now(connection, deposit_id=found.id, because=verdict.name.lower())
    return verdict


def _bind(connection: Connection, found: Deposit, heard: Heard) -> bool:
    """Take the ids from a callback that was faster than the push's answer, or replaces it."""
    if found.checkout_request_id is not None or heard.checkout_request_id is None:
        return True
    if not bind_ids(
        connection,
        found,
        merchant_request_id=heard.merchant_request_id,
        checkout_request_id=heard.checkout_request_id,
    ):
        return False
    look_later(connection, deposit_id=found.id, look=0, pushed_at=found.pushed_at or found.now)
    return True


def _mismatch(connection: Connection, found: Deposit, heard: Heard) -> str | None:
    if found.state in {DepositState.CREATED, DepositState.REJECTED}:
        return f"nothing was pushed, the deposit is {found.state}"
    if _differs(found.checkout_request_id, heard.checkout_request_id):
        return "another CheckoutRequestID"
    if _differs(found.merchant_request_id, heard.merchant_request_id):
        return "another MerchantRequestID"
    if heard.amount is not None and heard.amount != found.amount:
        return f"amount {heard.amount}"
    payer = get_player(connection, player_id=found.player_id)
    if heard.phone is not None and not may_be(heard.phone, payer.phone):
        return "another phone"
    return None


def _differs(ours: str | None, theirs: str | None) -> bool:
    return ours is not None and theirs is not None and ours != theirs
