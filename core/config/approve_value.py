"""A second admin approves a value, which counts from its moment on."""

from sqlalchemy import Connection, select, text

from core.audit_trail.records import record
from core.config.in_force import first_values
from core.config.records import dated_value
from core.config.rules import (
    ApprovedAlready,
    ApprovedTooLate,
    Change,
    ensure_ranges,
)
from core.database import now
from core.errors import NoSuchThing
from core.settings import Settings
from core.staff.records import MONEY_ROLES, Admin
from core.staff.rules import SameAdmin
from core.staff.still_active import ensure_still_active
from core.text import _


def approve_value(
    connection: Connection, *, value_id: int, settings: Settings, by: Admin
) -> Change:
    """Let the value count from its moment on; approvals wait for each other.

    Raises NotAllowed, NoSuchThing, ApprovedAlready (also on a repeat), SameAdmin for its proposer,
    ProposerGone, ApprovedTooLate, or EmptyRange where a smallest amount would pass its largest.
    """
    by.ensure_role(MONEY_ROLES)
    # Of two approvals that together would empty a range, the second must see the first.
    connection.execute(_LOCK)
    rows = connection.execute(_IN_ORDER).all()
    wanted = next((row for row in rows if row.id == value_id), None)
    if wanted is None:
        raise NoSuchThing(f"value {value_id}")
    if wanted.approved_at is not None:
        raise ApprovedAlready
    if wanted.proposed_by == by.id:
        raise SameAdmin(_("proposed it"))
    ensure_still_active(
        connection, admin_id=wanted.proposed_by, roles=MONEY_ROLES, first_act=_("proposed it")
    )
    if wanted.effective_from <= now(connection):
        raise ApprovedTooLate
    ensure_ranges(
        [
            Change(row.name, row.value, row.effective_from)
            for row in rows
            if row.approved_at is not None or row is wanted
        ],
        before=first_values(settings),
        since=wanted.effective_from,
    )
    approval = dated_value.update().where(dated_value.c.id == value_id).values(approved_by=by.id)
    connection.execute(approval)
    record(
        connection,
        actor=by.email,
        act="config.approved",
        subject=f"value:{value_id}",
        before={"approved_by": None},
        after={"approved_by": by.email},
        name=wanted.name,
        value=wanted.value,
        effective_from=wanted.effective_from.isoformat(),
    )
    return Change(wanted.name, wanted.value, wanted.effective_from)


_LOCK = text("SELECT pg_advisory_xact_lock(6, 0)")
_IN_ORDER = select(dated_value).order_by(dated_value.c.effective_from, dated_value.c.id)
