"""What counts, what is coming, and where the environment says something else."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select, text

from core.config.in_force import first_values
from core.config.records import dated_value
from core.config.rules import Dated
from core.config.seed_values import SEEDED
from core.settings import Settings
from core.staff.records import admin

_IN_FORCE: Final = text(
    """
    SELECT v.*, proposer.email AS proposer, approver.email AS approver
    FROM values_in_force(kibeezy_now()) v
    LEFT JOIN LATERAL (
        SELECT proposed_by, approved_by FROM dated_value d
        WHERE d.name = v.name AND d.effective_from = v.effective_from AND d.value = v.value
          AND d.approved_at IS NOT NULL ORDER BY d.id DESC LIMIT 1) who ON true
    LEFT JOIN admin proposer ON proposer.id = who.proposed_by
    LEFT JOIN admin approver ON approver.id = who.approved_by
    """
)
_DECIDED: Final = (
    select(dated_value.c.name)
    .where(
        dated_value.c.approved_by.is_not(None), dated_value.c.effective_from <= func.kibeezy_now()
    )
    .distinct()
)


@dataclass(frozen=True)
class Coming:
    """A value that does not count yet; until `approved_by` is somebody it never will."""

    id: int
    value: int
    effective_from: datetime
    source: str
    proposed_by: str
    approved_by: str | None


@dataclass(frozen=True)
class ListedValue:
    """A dated value as it counts now. `since` is None while the environment's own counts.

    `environment` is None for a name that the environment does not set. `decided` says that two
    people agreed on what counts, so that nobody runs on a default without knowing;
    who they are stands beside it.
    """

    name: Dated
    value: int
    since: datetime | None
    source: str
    environment: int | None
    decided: bool
    coming: tuple[Coming, ...]
    proposed_by: str | None = None
    approved_by: str | None = None

    @property
    def differs(self) -> bool:
        """Whether the environment sets it, and says something else than what counts."""
        return self.environment is not None and self.environment != self.value


def list_values(connection: Connection, *, settings: Settings) -> list[ListedValue]:
    """Every dated value, with what is coming for it in the order in which it would count."""
    in_force = {row.name: row for row in connection.execute(_IN_FORCE)}
    coming = _coming(connection)
    decided = set(connection.execute(_DECIDED).scalars())
    listed = []
    for name, first in first_values(settings).items():
        row = in_force.get(name)
        listed.append(
            ListedValue(
                name=Dated(name),
                value=first if row is None else row.value,
                since=None if row is None else row.effective_from,
                source=SEEDED if row is None else row.source,
                environment=getattr(settings, name, None),
                decided=name in decided,
                coming=tuple(coming[name]),
                proposed_by=None if row is None else row.proposer,
                approved_by=None if row is None else row.approver,
            )
        )
    return listed


def differences(connection: Connection, *, settings: Settings) -> list[ListedValue]:
    """The values of which the environment says something else than what counts."""
    return [each for each in list_values(connection, settings=settings) if each.differs]


def undecided(connection: Connection, *, settings: Settings) -> list[ListedValue]:
    """The values of which no two people have said yet that they shall count."""
    return [each for each in list_values(connection, settings=settings) if not each.decided]


def _coming(connection: Connection) -> defaultdict[str, list[Coming]]:
    proposer, approver = admin.alias(), admin.alias()
    rows = connection.execute(
        select(
            dated_value,
            proposer.c.email.label("proposer"),
            approver.c.email.label("approver"),
        )
        .join(proposer, proposer.c.id == dated_value.c.proposed_by)
        .outerjoin(approver, approver.c.id == dated_value.c.approved_by)
        .where(dated_value.c.effective_from > func.kibeezy_now())
        .order_by(dated_value.c.effective_from, dated_value.c.id)
    )
    coming = defaultdict[str, list[Coming]](list)
    for row in rows:
        coming[row.name].append(
            Coming(row.id, row.value, row.effective_from, row.source, row.proposer, row.approver)
        )
    return coming
