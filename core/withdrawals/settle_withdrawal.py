"""Use case: the provider's own word on a withdrawal settles it."""

from sqlalchemy import Connection, func

from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import Money
from core.withdrawals.records import Withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalState


def prove_paid(
    connection: Connection, found: Withdrawal, *, receipt: str, amount: Money, proven_by: str
) -> bool:
    """Book that M-Pesa has paid it, also after it was given back."""
    assert amount == found.net, f"{proven_by} proves another amount"
    late = found.state is WithdrawalState.FAILED
    if late:
        source = book.available_account(connection, player_id=found.player_id)
    else:
        source = book.held_account(connection, player_id=found.player_id)
    payout = book.system_account(connection, kind=AccountKind.MPESA_PAYOUT)
    posted = book.post(
        connection,
        Transfer(
            TransferKind.CLAWBACK if late else TransferKind.WITHDRAWAL,
            Key("withdrawal", f"{found.id}:{'clawback' if late else 'paid'}"),
            (Entry(source, -found.amount), Entry(payout, found.amount)),
            actor="system",
        ),
    )
    state = WithdrawalState.PAID_AFTER_RELEASE if late else WithdrawalState.PAID
    column = "clawback_transfer_id" if late else "end_transfer_id"
    change = withdrawal.update().where(withdrawal.c.id == found.id)
    connection.execute(
        change.values(
            {
                "state": state,
                column: posted.transfer_id,
                "receipt": receipt,
                "ended_at": func.kibeezy_now(),
            }
        )
    )
    return True
