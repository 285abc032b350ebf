"""The table of dated values."""

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Table,
    Text,
    func,
)

from core.database import metadata

dated_value = Table(
    "dated_value",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("name", Text, nullable=False),
    Column("value", BigInteger, nullable=False),
    Column("effective_from", DateTime(timezone=True), nullable=False),
    Column("source", Text, nullable=False),
    Column("proposed_by", BigInteger, ForeignKey("admin.id")),
    Column(
        "proposed_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("approved_by", BigInteger, ForeignKey("admin.id")),
    Column("approved_at", DateTime(timezone=True)),
)
Index("dated_value_by_name", dated_value.c.name, dated_value.c.effective_from, dated_value.c.id)
