"""Use case: M-Pesa paid what had been given back; what is there is taken, the rest is owed."""

from sqlalchemy import Connection, func

from core.alarms.raise_alarm import raise_alarm
from core.audit_trail.records import record
from core.ledger import book
from core.ledger.book import Posted
from core.ledger.take_available import take_available
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.money import Money
from core.notices import texts
from core.notices.notify import notify
from core.players.records import get_player
from core.withdrawals.end_withdrawal import SCOPE, charges, claims_receipt
from core.withdrawals.records import Withdrawal, withdrawal
from core.withdrawals.rules import WithdrawalState


def claw_back(
    connection: Connection, found: Withdrawal, *, receipt: str | None, proven_by: str
) -> bool:
    """Book the second payment, alarm, and tell the player; False where the receipt is another's.

    No wallet goes below zero: what it lacks stands in the player's clawback account, and counts
    against later withdrawals. The caller holds the row, which is failed or cancelled.
    """

    def book_it() -> None:
        _mark(connection, found, _post(connection, found), receipt)

    if not claims_receipt(connection, found, receipt=receipt, act=book_it):
        return False
    subject = f"withdrawal:{found.id}"
    record(
        connection,
        actor="system",
        act="withdrawal.paid_after_release",
        subject=subject,
        before={"state": found.state},
        after={"state": WithdrawalState.PAID_AFTER_RELEASE},
        receipt=receipt,
        proven_by=proven_by,
    )
    why = f"{found.net} was paid after the money had been given back."
    raise_alarm(connection, kind="withdrawal_paid_after_release", subject=subject, why=why)
    payee = get_player(connection, player_id=found.player_id)
    notify(
        connection,
        player_id=payee.id,
        phone=payee.phone,
        language=payee.language,
        kind="withdrawal_paid_late",
        text=texts.withdrawal_paid_late(
            net=found.net,
            receipt=receipt,
            reference=found.reference,
            balance=book.available(connection, player_id=payee.id),
        ),
    )
    return True


def _post(connection: Connection, found: Withdrawal) -> Posted:
    available = book.available_account(connection, player_id=found.player_id)

    def take(there: Money) -> Posted:
        taken = min(there, found.amount)
        lacking = found.amount - taken
        entries = [*charges(connection, found)]
        if taken:
            entries.append(Entry(available, -taken))
        if lacking:
            owing = book.clawback_account(connection, player_id=found.player_id)
            entries.append(Entry(owing, -lacking))
        key = Key(SCOPE, f"{found.id}:clawback")
        transfer = Transfer(TransferKind.CLAWBACK, key, tuple(entries), actor="system")
        return book.post(connection, transfer)

    return take_available(connection, player_id=found.player_id, take=take)


def _mark(connection: Connection, found: Withdrawal, posted: Posted, receipt: str | None) -> None:
    change = withdrawal.update().where(
        withdrawal.c.id == found.id, withdrawal.c.state == found.state
    )
    marked = connection.execute(
        change.values(
            state=WithdrawalState.PAID_AFTER_RELEASE,
            clawback_transfer_id=posted.transfer_id,
            receipt=receipt,
            ended_at=func.kibeezy_now(),
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
