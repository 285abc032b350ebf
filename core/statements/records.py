"""The tables of imported statements and of their lines."""

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
    UniqueConstraint,
    func,
)

from core.database import metadata

statement_import = Table(
    "statement_import",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("source", Text, nullable=False),
    # Money in and money out stand on the statements of different short codes.
    Column("money", Text, nullable=False),
    Column("covers_from", DateTime(timezone=True), nullable=False),
    Column("covers_to", DateTime(timezone=True), nullable=False),
    Column("n_lines", Integer, nullable=False),
    Column("n_new", Integer, nullable=False),
    Column("imported_by", BigInteger, ForeignKey("admin.id")),
    Column(
        "imported_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)

statement_line = Table(
    "statement_line",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("import_id", BigInteger, ForeignKey("statement_import.id"), nullable=False),
    Column("receipt", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("amount_cents", BigInteger, nullable=False),
    Column("completed_at", DateTime(timezone=True), nullable=False),
    Column("account", Text),
    Column("party", Text),
    Column("details", Text),
    Column("linked_receipt", Text),
    Column("matched_at", DateTime(timezone=True)),
    Column("break", Text),
    UniqueConstraint("receipt", "kind"),
)
Index(
    "statement_line_unmatched",
    statement_line.c.id,
    postgresql_where=statement_line.c.matched_at.is_(None),
)
