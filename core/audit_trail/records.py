"""The audit trail's table and the one way to write it."""

from collections.abc import Mapping
from typing import TypeAlias

from sqlalchemy import BigInteger, Column, Connection, DateTime, Identity, Index, Table, Text, func
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
)
Index("audit_event_subject", audit_event.c.subject, audit_event.c.id)

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
