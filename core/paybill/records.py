"""The table of payments to the paybill, and reading one."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Row,
    Table,
    Text,
    func,
    select,
)

from core.database import metadata
from core.errors import NoSuchThing
from core.money import Money


class PaybillState(StrEnum):
    """Where a payment stands; only what the provider itself has proven moves money."""

    HEARD = "heard"
    CREDITED = "credited"
    SUSPENSE = "suspense"
    PLACED = "placed"
    # The provider's second news of a payment by prompt: the deposit has the money.
    ECHO = "echo"
    # Nobody but the confirmation itself ever spoke of it.
    UNPROVEN = "unproven"


# What has moved no money: proof still settles it.
UNSETTLED: Final = frozenset({PaybillState.HEARD, PaybillState.UNPROVEN})

paybill_payment = Table(
    "paybill_payment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("receipt", Text, nullable=False, unique=True),
    Column("amount_cents", BigInteger, nullable=False),
    Column("account", Text, nullable=False),
    Column("payer", Text),
    Column("paid_at", DateTime(timezone=True)),
    Column("state", Text, nullable=False, server_default="heard"),
    Column("proven_by", Text),
    Column("reason", Text),
    Column("deposit_id", BigInteger, ForeignKey("deposit.id")),
    Column("player_id", BigInteger, ForeignKey("player.id")),
    Column("transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column("place_transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column("heard_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("proven_at", DateTime(timezone=True)),
    Column("excise_cents", BigInteger, nullable=False, server_default="0"),
    Column("excise_bps", Integer, nullable=False, server_default="0"),
)
Index("paybill_payment_heard", paybill_payment.c.heard_at, paybill_payment.c.id)
Index("paybill_payment_of_account", paybill_payment.c.account, paybill_payment.c.heard_at)
Index("paybill_payment_of_player", paybill_payment.c.player_id, paybill_payment.c.heard_at)
Index(
    "paybill_payment_open",
    paybill_payment.c.state,
    postgresql_where=paybill_payment.c.state.in_(["heard", "suspense", "unproven"]),
)


@dataclass(frozen=True)
class PaybillPayment:
    """A payment as of the moment of reading; `account` is what the payer typed."""

    id: int
    receipt: str
    amount: Money
    account: str
    payer: str | None
    paid_at: datetime | None
    state: PaybillState
    reason: str | None
    deposit_id: int | None
    player_id: int | None
    transfer_id: int | None
    place_transfer_id: int | None
    heard_at: datetime
    proven_at: datetime | None
    now: datetime


def get_payment(connection: Connection, *, paybill_id: int) -> PaybillPayment:
    """The payment with this id. Raises NoSuchThing."""
    query = PAYMENTS.where(paybill_payment.c.id == paybill_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchThing(f"paybill payment {paybill_id}")
    return read_payment(row)


def lock_payment(connection: Connection, *, paybill_id: int) -> PaybillPayment:
    """The same, held until the transaction ends."""
    # A statement of its own, so that the next one sees what was committed during the wait.
    row = select(paybill_payment.c.id).where(paybill_payment.c.id == paybill_id)
    connection.execute(row.with_for_update(key_share=True))
    return get_payment(connection, paybill_id=paybill_id)


def read_payment(row: Row[*tuple[object, ...]]) -> PaybillPayment:
    """A row of PAYMENTS as a value."""
    return PaybillPayment(
        id=row.id,
        receipt=row.receipt,
        amount=Money(row.amount_cents),
        account=row.account,
        payer=row.payer,
        paid_at=row.paid_at,
        state=PaybillState(row.state),
        reason=row.reason,
        deposit_id=row.deposit_id,
        player_id=row.player_id,
        transfer_id=row.transfer_id,
        place_transfer_id=row.place_transfer_id,
        heard_at=row.heard_at,
        proven_at=row.proven_at,
        now=row.now,
    )


PAYMENTS = select(paybill_payment, func.kibeezy_now().label("now"))
