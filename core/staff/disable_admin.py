"""An admin is shut out, at once."""

from typing import Final

from sqlalchemy import Connection, func, literal, select, update

from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.staff.enrol import end_enrolments
from core.staff.records import Admin, AdminDisabled, Role, admin
from core.staff.rules import ensure_other_owner
from core.staff.sessions import end_sessions
from core.text import _

# Two owners grant a role and give an account back: with fewer nobody could.
OWNERS_LEAST: Final = 2


class TooFewOwners(Refused):
    """Roles could not be granted any more."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Fewer than {least} other owners would be left, and a role is granted by two."
                " Make another owner first, with the command admin create.",
                least=OWNERS_LEAST,
            )
        )


def disable_admin(connection: Connection, *, admin_id: int, by: Admin) -> str:
    """End every session and every invitation of this admin, who acts no more; returns the e-mail.

    Only a role granted by two owners gives the account back. Raises NotAllowed unless `by` is an
    owner, OnlyOthers for oneself, NoSuchThing, AdminDisabled on a repeat, or TooFewOwners.
    """
    ensure_other_owner(by, admin_id=admin_id)
    # Of two owners who shut each other out at the same moment, the second must see the first.
    lock_owners(connection)
    row = connection.execute(
        select(admin).where(admin.c.id == admin_id).with_for_update()
    ).one_or_none()
    if row is None:
        raise NoSuchThing(f"admin {admin_id}")
    if row.disabled_at is not None:
        raise AdminDisabled(row.email)
    if row.role == Role.OWNER:
        _ensure_enough(connection, admin_id=admin_id, is_demo=row.is_demo)
    connection.execute(
        update(admin).where(admin.c.id == admin_id).values(disabled_at=func.kibeezy_now())
    )
    end_enrolments(connection, admin_id=admin_id)
    ended = end_sessions(connection, admin_id=admin_id, why="disabled")
    record(
        connection,
        actor=by.email,
        act="admin.disabled",
        subject=f"admin:{admin_id}",
        role=row.role,
        sessions_ended=ended,
    )
    return str(row.email)


def lock_owners(connection: Connection) -> None:
    """Let whatever changes who is an owner happen one after the other."""
    connection.execute(
        select(admin.c.id)
        .where(admin.c.role == Role.OWNER, admin.c.disabled_at.is_(None))
        .order_by(admin.c.id)
        .with_for_update()
    )


def _ensure_enough(connection: Connection, *, admin_id: int, is_demo: bool) -> None:
    # Demo admins are nobody in public, so they do not stand in for anybody else.
    others = select(func.count()).where(
        admin.c.role == Role.OWNER,
        admin.c.disabled_at.is_(None),
        admin.c.id != admin_id,
        literal(is_demo) | ~admin.c.is_demo,
    )
    if connection.execute(others).scalar_one() < OWNERS_LEAST:
        raise TooFewOwners
