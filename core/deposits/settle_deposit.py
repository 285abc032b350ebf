"""Use case: credit a deposit once, however often and in whatever order its success arrives."""

from enum import StrEnum

from sqlalchemy import Connection, func
from sqlalchemy.exc import IntegrityError

from core.audit_trail.records import record
from core.deposits.records import Deposit, deposit
from core.deposits.review_deposit import NEVER_CONFIRMED, review_deposit
from core.deposits.rules import CREDITABLE, DepositState
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.players.records import get_player


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
    receipt, or one that another deposit has, puts the deposit under review and credits nothing.
    """
    match found:
        case Deposit(state=DepositState.SUCCEEDED, receipt=None):
            return _add_receipt(connection, found, receipt)
        case Deposit(state=DepositState.SUCCEEDED) if found.receipt == receipt:
            return Settled.REPEATED
        case Deposit(state=DepositState.SUCCEEDED):
            review_deposit(connection, found, why=f"a second receipt {receipt}")
            return Settled.REVIEW
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
    return Settled.CONFIRMED if found.state is DepositState.SUCCEEDED else Settled.CREDITED


def settle_by_proof(
    connection: Connection, found: Deposit, *, receipt: str, amount: Money, proven_by: str
) -> Settled:
    """Credit and confirm on what the provider itself says of a receipt of this deposit."""
    if amount != found.amount or found.receipt not in {None, receipt}:
        review_deposit(connection, found, why=f"{proven_by} says {amount} with receipt {receipt}")
        return Settled.REVIEW
    if found.confirmed_at is not None and found.receipt == receipt and found.review is None:
        return Settled.REPEATED
    credited = found.state is DepositState.SUCCEEDED
    settled = Settled.REPEATED
    if not credited:
        settled = _credit(connection, found, receipt=receipt)
    elif found.receipt is None:
        settled = _add_receipt(connection, found, receipt)
    if settled is Settled.REVIEW:
        return settled
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(change.values(confirmed_at=func.kibeezy_now(), review=None))
    return Settled.CONFIRMED if credited else Settled.CREDITED


def _credit(connection: Connection, found: Deposit, *, receipt: str | None) -> Settled:
    if found.state not in CREDITABLE:
        review_deposit(connection, found, why=f"a success while {found.state}")
        return Settled.REVIEW
    try:
        # The receipt is unique over all deposits; whoever races for it loses here, whole.
        with connection.begin_nested():
            posted = _post_and_mark(connection, found, receipt)
    except IntegrityError as error:
        if receipt is None or "receipt" not in str(error.orig):
            raise
        review_deposit(connection, found, why=f"receipt {receipt} is on another deposit")
        return Settled.REVIEW
    _tell(connection, found, posted=posted, receipt=receipt)
    return Settled.CREDITED


def _post_and_mark(connection: Connection, found: Deposit, receipt: str | None) -> book.Posted:
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    wallet = book.available_account(connection, player_id=found.player_id)
    posted = book.post(
        connection,
        Transfer(
            TransferKind.DEPOSIT,
            Key("deposit", str(found.id)),
            (Entry(collection, -found.amount), Entry(wallet, found.amount)),
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
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    return posted


def _add_receipt(connection: Connection, found: Deposit, receipt: str) -> Settled:
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.receipt.is_(None))
    try:
        with connection.begin_nested():
            connection.execute(change.values(receipt=receipt))
    except IntegrityError:
        review_deposit(connection, found, why=f"receipt {receipt} is on another deposit")
        return Settled.REVIEW
    return Settled.RECEIPT_ADDED


def _tell(
    connection: Connection, found: Deposit, *, posted: book.Posted, receipt: str | None
) -> None:
    record(
        connection,
        actor="system",
        act="deposit.succeeded",
        subject=f"deposit:{found.id}",
        receipt=receipt,
        was=found.state,
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
            receipt=receipt,
            reference=posted.reference,
            balance=book.available(connection, player_id=payer.id),
        ),
    )
