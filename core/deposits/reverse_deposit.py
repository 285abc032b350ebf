"""Use case: M-Pesa took a deposit back; what is there is taken, the rest is owed."""

from sqlalchemy import Connection

from core.deposits.records import Deposit, deposit
from core.deposits.rules import DepositState
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind


def reverse_deposit(
    connection: Connection, found: Deposit, *, actor: str, second_actor: str | None, reason: str
) -> None:
    """Take the credit back; a repeat changes nothing."""
    if found.state is not DepositState.SUCCEEDED:
        return
    collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
    wallet = book.available_account(connection, player_id=found.player_id)
    taken = min(book.available(connection, player_id=found.player_id), found.amount)
    entries = [Entry(collection, found.amount)]
    if taken:
        entries.append(Entry(wallet, -taken))
    if taken < found.amount:
        owing = book.clawback_account(connection, player_id=found.player_id)
        entries.append(Entry(owing, taken - found.amount))
    posted = book.post(
        connection,
        Transfer(
            TransferKind.REVERSAL,
            Key("reversal", str(found.id)),
            tuple(entries),
            actor=actor,
            second_actor=second_actor,
            reason=reason,
            reverses=found.transfer_id,
        ),
    )
    change = deposit.update().where(deposit.c.id == found.id)
    connection.execute(
        change.values(state=DepositState.REVERSED, reversal_transfer_id=posted.transfer_id)
    )
