"""The tables of withdrawals and of questions about SIMs, and reading a withdrawal."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Date,
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
from core.ledger.reference import reference_of
from core.money import Money
from core.withdrawals.rules import ENDED, WithdrawalState

withdrawal = Table(
    "withdrawal",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("fee_cents", BigInteger, nullable=False),
    Column("tax_cents", BigInteger, nullable=False),
    Column("request_key", Text, nullable=False, unique=True),
    Column("originator_id", Text, nullable=False, unique=True),
    Column("token", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False, server_default="requested"),
    Column("conversation_id", Text, unique=True),
    Column("receipt", Text, unique=True),
    Column("result_code", Text),
    Column("review", Text),
    Column("hold_transfer_id", BigInteger, ForeignKey("transfer.id"), nullable=False, unique=True),
    Column("end_transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column("clawback_transfer_id", BigInteger, ForeignKey("transfer.id"), unique=True),
    Column(
        "requested_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("queued_at", DateTime(timezone=True)),
    Column("sent_at", DateTime(timezone=True)),
    Column("ended_at", DateTime(timezone=True)),
    Column("withholding_bps", Integer, nullable=False),
    # Whether two people must release it: the database says so when it is asked for.
    Column("needs_release", Boolean, nullable=False, server_default="false"),
)
Index("withdrawal_of_player", withdrawal.c.player_id, withdrawal.c.id)
Index("withdrawal_asked", withdrawal.c.requested_at, withdrawal.c.id)
Index(
    "withdrawal_to_decide",
    withdrawal.c.requested_at,
    withdrawal.c.id,
    postgresql_where=withdrawal.c.review.is_not(None)
    | withdrawal.c.state.in_([WithdrawalState.UNKNOWN, WithdrawalState.MANUAL]),
)
Index(
    "withdrawal_open",
    withdrawal.c.state,
    postgresql_where=withdrawal.c.state.not_in([state.value for state in ENDED]),
)
Index(
    "withdrawal_in_review",
    withdrawal.c.id,
    postgresql_where=withdrawal.c.review.is_not(None),
)

sim_question = Table(
    "sim_question",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("withdrawal_id", BigInteger, ForeignKey("withdrawal.id"), nullable=False, unique=True),
    Column("request_id", Text, unique=True),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("heeded_at", DateTime(timezone=True)),
)

sim_answer = Table(
    "sim_answer",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("swapped_on", Date),
    Column("heard_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
)


@dataclass(frozen=True)
class Withdrawal:
    """A withdrawal as of the moment of reading; `now` is the database's time at that moment.

    `amount` leaves the wallet; `net` of it, in whole shillings, goes to the phone.
    """

    id: int
    player_id: int
    amount: Money
    fee: Money
    tax: Money
    originator_id: str
    token: str = field(repr=False)
    state: WithdrawalState
    conversation_id: str | None
    receipt: str | None
    result_code: str | None
    review: str | None
    hold_transfer_id: int
    requested_at: datetime
    sent_at: datetime | None
    ended_at: datetime | None
    needs_release: bool
    now: datetime

    @property
    def net(self) -> Money:
        """What M-Pesa is asked to pay."""
        return self.amount - self.fee - self.tax

    @property
    def reference(self) -> str:
        """What screens and receipts call it: the reference of its hold."""
        return reference_of(self.hold_transfer_id)


def get_withdrawal(connection: Connection, *, withdrawal_id: int) -> Withdrawal:
    """The withdrawal with this id. Raises NoSuchThing."""
    row = connection.execute(WITHDRAWALS.where(withdrawal.c.id == withdrawal_id)).one_or_none()
    if row is None:
        raise NoSuchThing(f"withdrawal {withdrawal_id}")
    return read_withdrawal(row)


def lock_withdrawal(connection: Connection, *, withdrawal_id: int) -> Withdrawal:
    """The same, held until the transaction ends: whatever else is heard of it waits in line."""
    # A statement of its own, so that the next one sees what was committed during the wait.
    row = select(withdrawal.c.id).where(withdrawal.c.id == withdrawal_id)
    connection.execute(row.with_for_update(key_share=True))
    return get_withdrawal(connection, withdrawal_id=withdrawal_id)


def read_withdrawal(row: Row[*tuple[object, ...]]) -> Withdrawal:
    """A row of WITHDRAWALS as a value."""
    return Withdrawal(
        id=row.id,
        player_id=row.player_id,
        amount=Money(row.amount_cents),
        fee=Money(row.fee_cents),
        tax=Money(row.tax_cents),
        originator_id=row.originator_id,
        token=row.token,
        state=WithdrawalState(row.state),
        conversation_id=row.conversation_id,
        receipt=row.receipt,
        result_code=row.result_code,
        review=row.review,
        hold_transfer_id=row.hold_transfer_id,
        requested_at=row.requested_at,
        sent_at=row.sent_at,
        ended_at=row.ended_at,
        needs_release=row.needs_release,
        now=row.now,
    )


WITHDRAWALS = select(withdrawal, func.kibeezy_now().label("now"))
