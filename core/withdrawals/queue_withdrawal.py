"""Use case: a withdrawal has passed its checks and may be paid."""

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.outbox.records import URGENT, ask
from core.withdrawals.records import withdrawal
from core.withdrawals.rules import WithdrawalState


def queue_withdrawal(connection: Connection, *, withdrawal_id: int, because: str) -> bool:
    """Have the worker pay it; False, and nothing changes, where it is past that or a repeat."""
    change = (
        withdrawal.update()
        .where(withdrawal.c.id == withdrawal_id, withdrawal.c.state == WithdrawalState.REQUESTED)
        .values(state=WithdrawalState.QUEUED, queued_at=func.kibeezy_now())
    )
    if connection.execute(change).rowcount == 0:
        return False
    subject = f"withdrawal:{withdrawal_id}"
    record(
        connection,
        actor="system",
        act="withdrawal.queued",
        subject=subject,
        before={"state": WithdrawalState.REQUESTED},
        after={"state": WithdrawalState.QUEUED},
        because=because,
    )
    ask(
        connection,
        kind="b2c_send",
        payload={"withdrawal_id": withdrawal_id},
        key=f"b2c_send:{withdrawal_id}",
        priority=URGENT,
    )
    return True
