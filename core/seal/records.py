"""The table of heads that others were told."""

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    LargeBinary,
    Table,
    func,
)

from core.database import metadata

published_head = Table(
    "published_head",
    metadata,
    Column("day", Date, primary_key=True),
    Column("block_number", BigInteger, ForeignKey("seal_block.number"), nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column(
        "published_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)
