"""Use case: a payment to the paybill is heard of; that alone moves nothing."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from core.money import Money
from core.paybill.records import PaybillPayment, lock_payment, paybill_payment
from core.paybill.rules import Reason, is_same_account
from core.settings import Settings


@dataclass(frozen=True)
class Told:
    """A payment as the provider tells it."""

    receipt: str
    amount: Money
    account: str
    payer: str | None = None
    paid_at: datetime | None = None


@dataclass(frozen=True)
class Heard:
    """The payment that the news is about."""

    payment: PaybillPayment


def hear_payment(connection: Connection, *, told: Told, settings: Settings) -> Heard:
    """The payment of this receipt, written down where it is new, held until the end."""
    assert settings is not None, "the real one reads the largest deposit"
    row = insert(paybill_payment).values(
        receipt=told.receipt,
        amount_cents=told.amount.cents,
        account=told.account,
        payer=told.payer,
        paid_at=told.paid_at,
    )
    connection.execute(row.on_conflict_do_nothing(index_elements=["receipt"]))
    query = select(paybill_payment.c.id).where(paybill_payment.c.receipt == told.receipt)
    paybill_id = connection.execute(query).scalar_one()
    found = lock_payment(connection, paybill_id=paybill_id)
    if found.amount != told.amount or not is_same_account(found.account, told.account):
        change = paybill_payment.update().where(paybill_payment.c.id == found.id)
        connection.execute(change.values(reason=Reason.CONTESTED))
    return Heard(lock_payment(connection, paybill_id=paybill_id))
