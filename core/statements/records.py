"""The tables of imported statements and of their lines, and reading a line."""

from dataclasses import dataclass
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
    UniqueConstraint,
    exists,
    func,
    or_,
    text,
)

from core.database import metadata
from core.money import Money
from core.statements.lines import Line, LineKind, Source

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
    Column("approved_by", BigInteger, ForeignKey("admin.id")),
    Column("approved_at", DateTime(timezone=True)),
)
# Class 7 of the advisory locks: imports and approvals wait for each other, so that each import
# counts what is new, and takes over no line of a file that is just being approved.
ONE_AT_A_TIME: Final = text("SELECT pg_advisory_xact_lock(7, 0)")
# What the provider's own API told, and files that a second person has vouched for.
COUNTS = or_(statement_import.c.source == Source.PULL, statement_import.c.approved_at.is_not(None))

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
    # A key other than the name, which is a word of Python's.
    Column("break", Text, key="why"),
    UniqueConstraint("receipt", "kind"),
)
Index(
    "statement_line_unmatched",
    statement_line.c.id,
    postgresql_where=statement_line.c.matched_at.is_(None),
)
Index("statement_line_completed", statement_line.c.completed_at, statement_line.c.id)
# What another statement says of the same movement, where it is another amount.
statement_other_amount = Table(
    "statement_other_amount",
    metadata,
    Column("line_id", BigInteger, ForeignKey("statement_line.id"), primary_key=True),
    Column("import_id", BigInteger, ForeignKey("statement_import.id"), primary_key=True),
    Column("amount_cents", BigInteger, primary_key=True),
)


@dataclass(frozen=True)
class KeptLine:
    """A line that nothing explains yet; `why` is what was found out when it was looked at last."""

    id: int
    line: Line
    why: str | None


def lock_unmatched(connection: Connection, *, line_id: int) -> KeptLine | None:
    """The line, held until the transaction ends.

    None where it is explained, somebody has it, or a statement that counts has another amount.
    """
    other = statement_other_amount.c
    query = (
        statement_line.select()
        .where(
            statement_line.c.id == line_id,
            statement_line.c.matched_at.is_(None),
            exists().where(statement_import.c.id == statement_line.c.import_id, COUNTS),
            ~exists().where(
                statement_import.c.id == other.import_id,
                COUNTS,
                other.line_id == statement_line.c.id,
                other.amount_cents != statement_line.c.amount_cents,
            ),
        )
        .with_for_update(skip_locked=True)
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else KeptLine(row.id, read_line(row), row.why)


def read_line(row: Row[*tuple[object, ...]]) -> Line:
    """A row of the table as the provider's own line."""
    return Line(
        receipt=row.receipt,
        kind=LineKind(row.kind),
        amount=Money(row.amount_cents),
        completed_at=row.completed_at,
        account=row.account,
        party=row.party,
        details=row.details,
        linked_receipt=row.linked_receipt,
    )
