"""The audit trail's table and the one way to write it."""

from collections.abc import Mapping
from typing import Final, TypeAlias

from sqlalchemy import (
    CTE,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    FetchedValue,
    FromClause,
    Identity,
    Index,
    Table,
    Text,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from core.database import metadata

audit_event = Table(
    "audit_event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("actor", Text, nullable=False),
    Column("act", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", JSONB, nullable=False, server_default="{}"),
    Column("recorded_in", BigInteger, FetchedValue(), nullable=False),
)
Index("audit_event_subject", audit_event.c.subject, audit_event.c.id)
Index("audit_event_recorded_in", audit_event.c.recorded_in)
BY_STAFF: Final[ColumnElement[bool]] = literal_column("position('@' IN actor) > 0", Boolean)
Index("audit_event_by_staff", audit_event.c.id, postgresql_where=BY_STAFF)

Value: TypeAlias = str | int | None


def record(
    connection: Connection,
    *,
    actor: str,
    act: str,
    subject: str,
    **details: Value | Mapping[str, Value],
) -> None:
    """Write down who did what to what, in the transaction that does it. Never a PIN or a code.

    What changes a state says so under `before` and `after`, by the names of the columns; amounts
    are in cents, moments in ISO 8601.
    """
    connection.execute(
        audit_event.insert().values(actor=actor, act=act, subject=subject, details=details)
    )


def recording(
    *,
    actor: ColumnElement[str],
    act: str,
    subject: ColumnElement[str],
    of: FromClause | None = None,
    **details: Value,
) -> CTE:
    """The same as a part of the statement that acts, where a round trip of its own costs too much.

    For `add_cte`. `of` is what the expressions read, such as the rows that were written: no row
    there, no event.
    """
    words = literal(dict(details), JSONB)
    told = select(actor, literal(act), subject, words)
    columns = ["actor", "act", "subject", "details"]
    event = audit_event.insert().from_select(columns, told if of is None else told.select_from(of))
    return event.returning(audit_event.c.id).cte("recorded")
