"""Use case: take a credit back, because M-Pesa took the money back or it never came."""

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.deposits.records import Deposit, deposit
from core.deposits.rules import DepositState, WrongDepositState
from core.ledger import book
from core.ledger.take_available import take_available
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.players.records import get_player


def reverse_deposit(
    connection: Connection, found: Deposit, *, actor: str, second_actor: str | None, reason: str
) -> bool:
    """Take the deposit's whole amount back and tell the player; False on a repeat, which does not.

    The excise on it goes back, too. Of the credit, what is frozen goes first, then what is
    available; the rest the player owes, and no wallet goes below zero. The deposit is locked by the
    caller. Raises WrongDepositState for one that was never credited.
    """
    if found.state is DepositState.REVERSED:
        return False
    if found.state is not DepositState.SUCCEEDED:
        raise WrongDepositState(found.id, found.state)
    posted = _post(connection, found, actor=actor, second_actor=second_actor, reason=reason)
    change = deposit.update().where(deposit.c.id == found.id, deposit.c.state == found.state)
    marked = connection.execute(
        change.values(
            state=DepositState.REVERSED,
            reversal_transfer_id=posted.transfer_id,
            frozen_cents=0,
            review=None,
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    record(
        connection,
        actor=actor,
        act="deposit.reversed",
        subject=f"deposit:{found.id}",
        before={"state": found.state, "frozen_cents": found.frozen.cents},
        after={"state": DepositState.REVERSED, "frozen_cents": 0},
        second_actor=second_actor,
        reason=reason,
    )
    _tell(connection, found, posted)
    return True


def _post(
    connection: Connection, found: Deposit, *, actor: str, second_actor: str | None, reason: str
) -> book.Posted:
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    held = book.held_account(connection, player_id=found.player_id)
    wallet = book.available_account(connection, player_id=found.player_id)
    owed = book.clawback_account(connection, player_id=found.player_id)
    excise = book.system_account(connection, kind=AccountKind.EXCISE_PAYABLE)

    def reverse(there: Money) -> book.Posted:
        rest = found.net - found.frozen
        taken = min(there, rest)
        entries = (
            Entry(collection, found.amount),
            Entry(held, -found.frozen),
            Entry(wallet, -taken),
            Entry(owed, taken - rest),
            Entry(excise, -found.excise),
        )
        return book.post(
            connection,
            Transfer(
                TransferKind.REVERSAL,
                Key("reversal", str(found.id)),
                tuple(entry for entry in entries if entry.amount),
                actor=actor,
                second_actor=second_actor,
                reason=reason,
                reverses=found.transfer_id,
            ),
        )

    return take_available(connection, player_id=found.player_id, take=reverse)


def _tell(connection: Connection, found: Deposit, posted: book.Posted) -> None:
    payer = get_player(connection, player_id=found.player_id)
    owed = book.clawback_account(connection, player_id=payer.id)
    words = texts.deposit_reversed(
        amount=found.amount,
        owed=-book.derived_cents(connection, account_id=owed),
        reference=posted.reference,
        balance=book.available(connection, player_id=payer.id),
    )
    notify(
        connection,
        player_id=payer.id,
        phone=payer.phone,
        language=payer.language,
        kind="deposit_reversed",
        text=words,
    )
