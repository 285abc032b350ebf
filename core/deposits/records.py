"""The table of deposits, and reading one."""

from dataclasses import dataclass, field
from datetime import datetime

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
    Select,
    Table,
    Text,
    func,
    select,
)

from core.database import metadata
from core.deposits.rules import DepositState
from core.errors import NoSuchThing
from core.money import Money

deposit = Table(
    "deposit",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("request_key", Text, nullable=False, unique=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="created"),
    Column("merchant_request_id", Text),
    Column("checkout_request_id", Text, unique=True),
    Column("receipt", Text, unique=True),
    Column("result_code", Text),
    Column("review", Text),
    Column("transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column(
        "requested_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("pushed_at", DateTime(timezone=True)),
    Column("succeeded_at", DateTime(timezone=True)),
    Column("confirmed_at", DateTime(timezone=True)),
    Column("query_zero_at", DateTime(timezone=True)),
    Column("frozen_cents", BigInteger, nullable=False, server_default="0"),
    Column("freeze_transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column("reversal_transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column("excise_cents", BigInteger, nullable=False, server_default="0"),
    Column("excise_bps", Integer, nullable=False, server_default="0"),
)
Index("deposit_of_player", deposit.c.player_id, deposit.c.requested_at)
Index("deposit_asked", deposit.c.requested_at, deposit.c.id)
Index(
    "deposit_to_decide",
    deposit.c.requested_at,
    deposit.c.id,
    postgresql_where=deposit.c.review.is_not(None) | (deposit.c.state == "unresolved"),
)
Index(
    "deposit_for_people",
    deposit.c.requested_at,
    postgresql_where=deposit.c.review.is_not(None)
    | deposit.c.state.in_(["created", "submitting", "pending", "submit_unknown", "unresolved"]),
)
Index(
    "deposit_one_live_push",
    deposit.c.player_id,
    unique=True,
    postgresql_where=deposit.c.state.in_(["created", "submitting"]),
)


@dataclass(frozen=True)
class Deposit:
    """A deposit as of the moment of reading; `now` is the database's time at that moment.

    `amount` is what M-Pesa takes; before the credit, nobody knows the excise on it.
    """

    id: int
    player_id: int
    amount: Money
    reference: str
    token: str = field(repr=False)
    state: DepositState
    merchant_request_id: str | None
    checkout_request_id: str | None
    receipt: str | None
    result_code: str | None
    review: str | None
    transfer_id: int | None
    requested_at: datetime
    pushed_at: datetime | None
    succeeded_at: datetime | None
    confirmed_at: datetime | None
    query_zero_at: datetime | None
    frozen: Money
    freeze_transfer_id: int | None
    reversal_transfer_id: int | None
    excise: Money
    now: datetime

    @property
    def net(self) -> Money:
        """What the player was credited with."""
        return self.amount - self.excise


def get_deposit(connection: Connection, *, deposit_id: int) -> Deposit:
    """The deposit with this id. Raises NoSuchThing."""
    return _one(connection, DEPOSITS.where(deposit.c.id == deposit_id), deposit_id)


def lock_deposit(connection: Connection, *, deposit_id: int) -> Deposit:
    """The same, held until the transaction ends: whatever else is heard of it waits in line."""
    # One statement that both waits and reads would see the row's own columns as they are after
    # the wait, but the clock as it was before it.
    row = select(deposit.c.id).where(deposit.c.id == deposit_id).with_for_update(key_share=True)
    connection.execute(row)
    return get_deposit(connection, deposit_id=deposit_id)


def read_deposit(row: Row[*tuple[object, ...]]) -> Deposit:
    """A row of DEPOSITS as a value."""
    return Deposit(
        id=row.id,
        player_id=row.player_id,
        amount=Money(row.amount_cents),
        reference=row.reference,
        token=row.token,
        state=DepositState(row.state),
        merchant_request_id=row.merchant_request_id,
        checkout_request_id=row.checkout_request_id,
        receipt=row.receipt,
        result_code=row.result_code,
        review=row.review,
        transfer_id=row.transfer_id,
        requested_at=row.requested_at,
        pushed_at=row.pushed_at,
        succeeded_at=row.succeeded_at,
        confirmed_at=row.confirmed_at,
        query_zero_at=row.query_zero_at,
        frozen=Money(row.frozen_cents),
        freeze_transfer_id=row.freeze_transfer_id,
        reversal_transfer_id=row.reversal_transfer_id,
        excise=Money(row.excise_cents),
        now=row.now,
    )


DEPOSITS = select(deposit, func.kibeezy_now().label("now"))


def _one(connection: Connection, query: Select[*tuple[object, ...]], deposit_id: int) -> Deposit:
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchThing(f"deposit {deposit_id}")
    return read_deposit(row)
