"""The tables of what the provider posted, what it is asked, and what two people decided."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    and_,
    func,
)

from core.database import metadata

provider_callback = Table(
    "provider_callback",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("deposit_id", BigInteger, ForeignKey("deposit.id")),
    Column("withdrawal_id", BigInteger, ForeignKey("withdrawal.id")),
    Column("question_id", BigInteger, ForeignKey("status_question.id")),
    # Which payment a confirmation told of; known once it was read.
    Column("paybill_id", BigInteger, ForeignKey("paybill_payment.id")),
    Column("body", Text, nullable=False),
    Column("trusted", Boolean, nullable=False),
    Column(
        "received_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("processed_at", DateTime(timezone=True)),
    Column("verdict", Text),
)
Index("provider_callback_of_deposit", provider_callback.c.deposit_id, provider_callback.c.id)
Index("provider_callback_of_withdrawal", provider_callback.c.withdrawal_id, provider_callback.c.id)
Index("provider_callback_of_question", provider_callback.c.question_id, provider_callback.c.id)
Index("provider_callback_of_paybill", provider_callback.c.paybill_id, provider_callback.c.id)

# One question to Transaction Status; its token is the last part of the answer's address.
status_question = Table(
    "status_question",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("token", Text, nullable=False, unique=True),
    Column("withdrawal_id", BigInteger, ForeignKey("withdrawal.id")),
    Column("deposit_id", BigInteger, ForeignKey("deposit.id")),
    Column("paybill_id", BigInteger, ForeignKey("paybill_payment.id")),
    Column("conversation_id", Text, unique=True),
    Column("asked_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("answered_at", DateTime(timezone=True)),
)
Index("status_question_of_withdrawal", status_question.c.withdrawal_id, status_question.c.id)
Index("status_question_of_deposit", status_question.c.deposit_id, status_question.c.id)
Index("status_question_of_paybill", status_question.c.paybill_id, status_question.c.id)

# Written by triggers alone: the row that moves money for a receipt claims it.
receipt = Table(
    "receipt",
    metadata,
    Column("receipt", Text, primary_key=True),
    Column("deposit_id", BigInteger, ForeignKey("deposit.id"), unique=True),
    Column("paybill_id", BigInteger, ForeignKey("paybill_payment.id"), unique=True),
    Column("withdrawal_id", BigInteger, ForeignKey("withdrawal.id"), unique=True),
    Column(
        "claimed_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)

decision = Table(
    "decision",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("deposit_id", BigInteger, ForeignKey("deposit.id")),
    Column("withdrawal_id", BigInteger, ForeignKey("withdrawal.id")),
    Column("paybill_id", BigInteger, ForeignKey("paybill_payment.id")),
    Column("player_id", BigInteger, ForeignKey("player.id"), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("receipt", Text),
    Column("evidence", Text, nullable=False),
    Column("proposed_by", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column(
        "proposed_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("agreed_by", BigInteger, ForeignKey("admin.id")),
    Column("agreed_at", DateTime(timezone=True)),
    Column("withdrawn_at", DateTime(timezone=True)),
)
_OPEN = and_(decision.c.agreed_at.is_(None), decision.c.withdrawn_at.is_(None))
Index("decision_open_deposit", decision.c.deposit_id, unique=True, postgresql_where=_OPEN)
Index("decision_open_withdrawal", decision.c.withdrawal_id, unique=True, postgresql_where=_OPEN)
# What was released stays released, so that it is looked for before each payout.
Index(
    "decision_released",
    decision.c.withdrawal_id,
    unique=True,
    postgresql_where=and_(decision.c.outcome == "released", decision.c.agreed_at.is_not(None)),
)
Index("decision_open_paybill", decision.c.paybill_id, unique=True, postgresql_where=_OPEN)
