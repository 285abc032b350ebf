"""Use case: a payment to the paybill is heard of; that alone moves nothing."""

from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from core.money import Money
from core.paybill.records import PaybillPayment, lock_payment, paybill_payment


def hear_payment(
    connection: Connection,
    *,
    receipt: str,
    amount: Money,
    account: str,
    payer: str | None,
    paid_at: datetime | None,
) -> PaybillPayment:
    """The payment of this receipt, written down where it is new, held until the end."""
    row = insert(paybill_payment).values(
        receipt=receipt, amount_cents=amount.cents, account=account, payer=payer, paid_at=paid_at
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=["receipt"]))
    found = select(paybill_payment.c.id).where(paybill_payment.c.receipt == receipt)
    return lock_payment(connection, paybill_id=connection.execute(found).scalar_one())
