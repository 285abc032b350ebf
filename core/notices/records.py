"""The tables of messages out and in."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    func,
)

from core.database import metadata

sms_out = Table(
    "sms_out",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("player_id", BigInteger, ForeignKey("player.id")),
    Column("phone", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("body", Text),
    Column("status", Text, nullable=False, server_default="queued"),
    Column("provider_id", Text, unique=True),
    Column("provider_status", Text),
    Column("failure", Text),
    Column("cost", Text),
    Column("parts", SmallInteger),
    Column("provider", Text),
    Column("network", Text),
    Column("accepted_at", DateTime(timezone=True)),
    Column("cost_micros", BigInteger),
    Column("cost_currency", Text),
    Column("shown_at", DateTime(timezone=True)),
    Column("queued_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("sent_at", DateTime(timezone=True)),
    Column("reported_at", DateTime(timezone=True)),
)
Index("sms_out_of_player", sms_out.c.player_id, sms_out.c.id)

sms_in = Table(
    "sms_in",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("provider_id", Text, nullable=False, unique=True),
    Column("phone", Text, nullable=False),
    Column("body_redacted", Text, nullable=False),
    Column("written_at", DateTime(timezone=True)),
    Column(
        "received_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
Index("sms_in_of_phone", sms_in.c.phone, sms_in.c.received_at)

sms_report = Table(
    "sms_report",
    metadata,
    Column("provider_id", Text, primary_key=True),
    Column("status", Text, primary_key=True),
    Column("failure", Text),
    Column("network", Text),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("first_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
)
