"""The table of switches, and reading it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    DateTime,
    Table,
    Text,
    cast,
    func,
    select,
)

from core.database import metadata
from core.switches.rules import Stopped, Switch

switch = Table(
    "switch",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("stopped_at", DateTime(timezone=True)),
    Column("why", Text),
    Column("by", Text),
)


@dataclass(frozen=True)
class SwitchState:
    """Whether a kind of money runs; since when, why and by whom it does not."""

    kind: Switch
    stopped_at: datetime | None
    why: str | None
    by: str | None


def ensure_running(connection: Connection, *, kind: Switch) -> None:
    """Raise Stopped while this kind of money is stopped. What has passed here is finished."""
    stopped = select(switch.c.stopped_at).where(switch.c.kind == kind)
    if connection.execute(stopped).scalar_one() is not None:
        raise Stopped(kind)


def stopped_kinds() -> ColumnElement[list[str]]:
    """The kinds that are stopped now, as a part of a statement that asks something else."""
    stopped = select(func.array_agg(switch.c.kind)).where(switch.c.stopped_at.is_not(None))
    return func.coalesce(stopped.scalar_subquery(), cast([], ARRAY(Text)))


def list_switches(connection: Connection) -> list[SwitchState]:
    """Every kind of money that can be stopped."""
    rows = connection.execute(select(switch).order_by(switch.c.kind))
    return [SwitchState(Switch(row.kind), row.stopped_at, row.why, row.by) for row in rows]
