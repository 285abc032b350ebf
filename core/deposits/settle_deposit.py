"""Use case: credit a deposit once, however often and in whatever order its success arrives."""

from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, func
from sqlalchemy.exc import IntegrityError

from core.audit_trail.records import record
from core.deposits.ask_for_proof import ask_for_proof
from core.deposits.contradict_deposit import contradict_deposit
from core.deposits.excise import Taxed, credit, tax_now
from core.deposits.records import Deposit, deposit
from core.deposits.repay_debt import repay_debt
from core.deposits.review_deposit import NEVER_CONFIRMED, review_deposit
from core.deposits.rules import CREDITABLE, DepositState
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.players.records import get_player

# One for each table that may have claimed a receipt first: deposits, or all that moves money.
_RECEIPT_KEYS: Final = {"deposit_receipt_key", "receipt_pkey"}


class Settled(StrEnum):
    """What a report of success led to."""

    CREDITED = "credited"
    REPEATED = "repeated"
    RECEIPT_ADDED = "receipt added"
    CONFIRMED = "confirmed"
    REVIEW = "review"


def settle_by_receipt(connection: Connection, found: Deposit, *, receipt: str) -> Settled:
    """Credit on a callback that matches the deposit; the deposit is locked by the caller.

    The same receipt again changes nothing. A credited deposit without receipt gets it; another
    receipt contradicts it. One that another payment has leaves the deposit uncredited, for review.
    """
    match found:
        case Deposit(receipt=str()) if found.receipt == receipt:
            return Settled.REPEATED
        case Deposit(state=DepositState.SUCCEEDED):
            return _add_receipt(connection, found, receipt)
        case _:
            return _credit(connection, found, receipt=receipt)


def settle_by_query(connection: Connection, found: Deposit) -> Settled:
    """Credit, or confirm what a callback credited, on the provider's authenticated answer.

    Such an answer has no receipt and no amount: it stands for what this deposit asked for. So it
    cannot settle a contradiction, and what is under review stays as it is.
    """
    if found.confirmed_at is not None:
        return Settled.REPEATED
    if found.review not in {None, NEVER_CONFIRMED}:
        review_deposit(connection, found, why="a query says paid")
        return Settled.REVIEW
    if found.state is not DepositState.SUCCEEDED:
        settled = _credit(connection, found, receipt=None)
        if settled is not Settled.CREDITED:
            return settled
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(change.values(confirmed_at=func.kibeezy_now(), review=None))
    record(
        connection,
        actor="system",
        act="deposit.confirmed",
        subject=f"deposit:{found.id}",
        before={"confirmed": "no", "review": found.review},
        after={"confirmed": "yes", "review": None},
    )
    repay_debt(connection, player_id=found.player_id)
    return Settled.CONFIRMED if found.state is DepositState.SUCCEEDED else Settled.CREDITED


def settle_by_proof(
    connection: Connection, found: Deposit, *, receipt: str, amount: Money, proven_by: str
) -> Settled:
    """Credit and confirm on what Transaction Status, the statement or two people say of a receipt.

    It outweighs whatever contradicted the deposit before: review and freeze end. The deposit is
    locked by the caller. A repeat changes nothing. Nothing moves, and a person is to look, where
    the amount or the receipt is another, where another payment has the receipt, and where money
    came that was never asked for.
    """
    problem = _disagreement(found, receipt, amount)
    if problem is not None:
        contradict_deposit(connection, found, why=f"{proven_by}: {problem}")
        return Settled.REVIEW
    settled = settle_by_receipt(connection, found, receipt=receipt)
    match settled:
        case Settled.REVIEW:
            return settled
        case Settled.REPEATED if found.confirmed_at is not None and found.review is None:
            return settled
        case _:
            _confirm(connection, found, receipt=receipt, proven_by=proven_by)
            return settled if settled is Settled.CREDITED else Settled.CONFIRMED


def _disagreement(found: Deposit, receipt: str, amount: Money) -> str | None:
    if amount != found.amount:
        return f"receipt {receipt} of {amount}"
    if found.receipt not in {None, receipt}:
        return f"a second receipt {receipt}"
    if found.state is not DepositState.SUCCEEDED and found.state not in CREDITABLE:
        return f"receipt {receipt} while {found.state}"
    return None


def _confirm(connection: Connection, found: Deposit, *, receipt: str, proven_by: str) -> None:
    _unfreeze(connection, found)
    change = deposit.update().where(deposit.c.id == found.id)
    confirmed_at = func.coalesce(deposit.c.confirmed_at, func.kibeezy_now())
    connection.execute(change.values(confirmed_at=confirmed_at, review=None, frozen_cents=0))
    record(
        connection,
        actor="system",
        act="deposit.proven",
        subject=f"deposit:{found.id}",
        receipt=receipt,
        by=proven_by,
        before={"review": found.review, "frozen_cents": found.frozen.cents},
        after={"review": None, "frozen_cents": 0},
    )
    repay_debt(connection, player_id=found.player_id)


def _unfreeze(connection: Connection, found: Deposit) -> None:
    if not found.frozen:
        return
    held = book.held_account(connection, player_id=found.player_id)
    wallet = book.available_account(connection, player_id=found.player_id)
    book.post(
        connection,
        Transfer(
            TransferKind.UNFREEZE,
            Key("unfreeze", str(found.id)),
            (Entry(held, -found.frozen), Entry(wallet, found.frozen)),
            actor="system",
            reverses=found.freeze_transfer_id,
        ),
    )


def _credit(connection: Connection, found: Deposit, *, receipt: str | None) -> Settled:
    if found.state not in CREDITABLE:
        review_deposit(connection, found, why=f"a success while {found.state}")
        return Settled.REVIEW
    taxed = tax_now(connection, found.amount)
    try:
        # The receipt is unique over all payments; whoever races for it loses here, whole.
        with connection.begin_nested():
            posted = _post_and_mark(connection, found, taxed, receipt)
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        review_deposit(connection, found, why=f"receipt {receipt} is on another payment")
        return Settled.REVIEW
    _tell(connection, found, taxed, posted=posted, receipt=receipt)
    return Settled.CREDITED


def _post_and_mark(
    connection: Connection, found: Deposit, taxed: Taxed, receipt: str | None
) -> book.Posted:
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    posted = book.post(
        connection,
        Transfer(
            TransferKind.DEPOSIT,
            Key("deposit", str(found.id)),
            credit(connection, taxed, source=collection, player_id=found.player_id),
            actor="system",
        ),
    )
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.state.in_(CREDITABLE))
    marked = connection.execute(
        change.values(
            state=DepositState.SUCCEEDED,
            transfer_id=posted.transfer_id,
            receipt=receipt,
            result_code="0",
            succeeded_at=func.kibeezy_now(),
            **taxed.columns,
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    return posted


def _add_receipt(connection: Connection, found: Deposit, receipt: str) -> Settled:
    if found.receipt is not None:
        contradict_deposit(connection, found, why=f"a second receipt {receipt}")
        return Settled.REVIEW
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.receipt.is_(None))
    try:
        with connection.begin_nested():
            connection.execute(change.values(receipt=receipt))
    except IntegrityError as error:
        if not _is_taken(error):
            raise
        contradict_deposit(connection, found, why=f"receipt {receipt} is on another payment")
        return Settled.REVIEW
    record(
        connection,
        actor="system",
        act="deposit.receipt",
        subject=f"deposit:{found.id}",
        before={"receipt": None},
        after={"receipt": receipt},
    )
    if found.freeze_transfer_id is not None:
        ask_for_proof(connection, deposit_id=found.id, because="receipt_added")
    return Settled.RECEIPT_ADDED


def _is_taken(error: IntegrityError) -> bool:
    diagnosis = getattr(error.orig, "diag", None)
    return getattr(diagnosis, "constraint_name", None) in _RECEIPT_KEYS


def _tell(
    connection: Connection,
    found: Deposit,
    taxed: Taxed,
    *,
    posted: book.Posted,
    receipt: str | None,
) -> None:
    record(
        connection,
        actor="system",
        act="deposit.succeeded",
        subject=f"deposit:{found.id}",
        receipt=receipt,
        excise_cents=taxed.excise.cents or None,
        before={"state": found.state},
        after={"state": DepositState.SUCCEEDED},
    )
    payer = get_player(connection, player_id=found.player_id)
    notify(
        connection,
        player_id=payer.id,
        phone=payer.phone,
        language=payer.language,
        kind="deposit_received",
        text=texts.deposit_received(
            amount=found.amount,
            excise=taxed.excise,
            receipt=receipt,
            reference=posted.reference,
            balance=book.available(connection, player_id=payer.id),
        ),
    )
