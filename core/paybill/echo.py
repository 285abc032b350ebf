"""The provider's second news of a payment by prompt: whoever has the receipt has the money."""

from sqlalchemy import Connection, func, select

from core.audit_trail.records import record
from core.paybill.records import PaybillPayment, PaybillState, paybill_payment
from core.paybill.rules import ProvenBy
from core.provider.records import receipt


def deposit_with(connection: Connection, *, receipt_code: str) -> int | None:
    """The deposit that this receipt has moved money for, or None."""
    query = select(receipt.c.deposit_id).where(receipt.c.receipt == receipt_code)
    return connection.execute(query).scalar_one_or_none()


def mark_if_echo(connection: Connection, found: PaybillPayment) -> bool:
    """End a payment whose receipt a deposit has; the caller holds it. No money moves."""
    deposit_id = deposit_with(connection, receipt_code=found.receipt)
    if deposit_id is None:
        return False
    mark_echo(connection, found, deposit_id=deposit_id, proven_by=None)
    return True


def mark_echo(
    connection: Connection, found: PaybillPayment, *, deposit_id: int, proven_by: ProvenBy | None
) -> None:
    """End the payment: this deposit has its money. The caller holds the payment."""
    marked = connection.execute(
        paybill_payment.update()
        .where(paybill_payment.c.id == found.id, paybill_payment.c.state == found.state)
        .values(
            state=PaybillState.ECHO,
            deposit_id=deposit_id,
            proven_by=proven_by,
            proven_at=None if proven_by is None else func.kibeezy_now(),
        )
    )
    assert marked.rowcount == 1, "the caller holds the lock"
    subject = f"paybill:{found.id}"
    record(
        connection,
        actor="system",
        act="paybill.echo",
        subject=subject,
        before={"state": found.state},
        after={"state": PaybillState.ECHO},
        deposit=deposit_id,
    )
