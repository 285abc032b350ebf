"""The table of alarms."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    func,
)

from core.database import metadata

alarm = Table(
    "alarm",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("raised_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("times", Integer, nullable=False, server_default="1"),
    Column("last_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("taken_by", BigInteger, ForeignKey("admin.id")),
    Column("taken_at", DateTime(timezone=True)),
)
Index(
    "alarm_open",
    alarm.c.kind,
    alarm.c.subject,
    unique=True,
    postgresql_where=alarm.c.taken_at.is_(None),
)
