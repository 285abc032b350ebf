"""Use cases: see the jobs that were set aside, and let one be done after all."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.outbox.records import outbox
from core.staff.records import MONEY_ROLES, Admin, Role
from core.staff_input import parse_free_text
from core.text import _


class NotSetAside(Refused):
    """The job waits, or is done."""

    def __init__(self, job_id: int) -> None:
        super().__init__(_("Job {job_id} is not set aside.", job_id=job_id))


@dataclass(frozen=True)
class AsideJob:
    """A job that waits for a person; its payload stays out of sight, for it may hold secrets."""

    id: int
    kind: str
    key: str | None
    set_aside_at: datetime
    error: str | None


def list_set_aside(connection: Connection) -> list[AsideJob]:
    """Every job that was set aside and not replayed, the oldest first."""
    query = select(
        outbox.c.id,
        outbox.c.kind,
        outbox.c.key,
        outbox.c.set_aside_at,
        outbox.c.last_error.label("error"),
    ).where(outbox.c.set_aside_at.is_not(None), outbox.c.done_at.is_(None))
    return [AsideJob(**row._asdict()) for row in connection.execute(query.order_by(outbox.c.id))]


def find_set_aside(connection: Connection, *, kind: str, payload: dict[str, int]) -> int | None:
    """The id of a job with this payload that was set aside and not replayed, or None."""
    query = select(outbox.c.id).where(
        outbox.c.kind == kind,
        outbox.c.payload == payload,
        outbox.c.set_aside_at.is_not(None),
        outbox.c.done_at.is_(None),
    )
    return connection.execute(query.limit(1)).scalar_one_or_none()


def replay(
    connection: Connection,
    *,
    job_id: int,
    why: str,
    by: Admin,
    allowed: frozenset[Role] = MONEY_ROLES,
) -> None:
    """Make a job due now that was set aside, with its tries and failures forgotten.

    That what it does comes once is its handler's business, as ever. Raises NotAllowed,
    InvalidFreeText, NoSuchThing, or NotSetAside, as for a repeat.
    """
    by.ensure_role(allowed)
    reason = parse_free_text(why, what=_("The reason"))
    change = (
        outbox.update()
        .where(
            outbox.c.id == job_id, outbox.c.set_aside_at.is_not(None), outbox.c.done_at.is_(None)
        )
        .values(
            set_aside_at=None, lease_until=None, attempts=0, failures=0, due_at=func.kibeezy_now()
        )
        .returning(outbox.c.kind)
    )
    kind = connection.execute(change).scalar_one_or_none()
    if kind is None:
        known = select(outbox.c.id).where(outbox.c.id == job_id)
        if connection.execute(known).first() is None:
            raise NoSuchThing(f"job {job_id}")
        raise NotSetAside(job_id)
    record(
        connection,
        actor=by.email,
        act="job.replayed",
        subject=f"job:{job_id}",
        before={"state": "set_aside"},
        after={"state": "waiting"},
        kind=kind,
        why=reason,
    )
