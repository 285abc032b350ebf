"""A role is granted by two owners, who are others than whom it is about."""

from typing import Any

from sqlalchemy import Connection, Row, func, select, update
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.staff.disable_admin import lock_owners
from core.staff.records import Admin, Role, admin, role_grant
from core.staff.rules import SameAdmin, ensure_other_owner
from core.staff.still_active import ensure_still_active
from core.staff_input import parse_free_text
from core.text import _


class RoleAlready(Refused):
    """There is nothing to grant."""

    def __init__(self, role: Role) -> None:
        super().__init__(_("The role is {role} already.", role=role))


class RoleProposed(Refused):
    """One proposal at a time, so that nobody approves another than they read."""

    def __init__(self) -> None:
        super().__init__(_("A role is proposed already: approve or withdraw that first."))


class RoleDecided(Refused):
    """The proposal was approved or withdrawn."""

    def __init__(self) -> None:
        super().__init__(_("That proposal is decided already."))


class NotEnrolled(Refused):
    """Nobody knows yet who will be this admin."""

    def __init__(self) -> None:
        super().__init__(
            _("Not enrolled yet: approve it once they are, and ask them in person first.")
        )


def propose_role(connection: Connection, *, admin_id: int, role: Role, why: str, by: Admin) -> int:
    """Ask another owner to let this admin have the role; returns the proposal's id.

    Approved, it also gives an account back that was disabled. Raises NotAllowed unless `by` is an
    owner, OnlyOthers for oneself, NoSuchThing, InvalidFreeText, RoleAlready, or RoleProposed (also
    on a repeat).
    """
    ensure_other_owner(by, admin_id=admin_id)
    reason = parse_free_text(why, what=_("The reason"))
    subject = connection.execute(select(admin).where(admin.c.id == admin_id)).one_or_none()
    if subject is None:
        raise NoSuchThing(f"admin {admin_id}")
    if subject.role == role and subject.disabled_at is None:
        raise RoleAlready(role)
    proposal = insert(role_grant).values(
        admin_id=admin_id, role=role, why=reason, proposed_by=by.id
    )
    grant_id = connection.execute(
        proposal.on_conflict_do_nothing().returning(role_grant.c.id)
    ).scalar_one_or_none()
    if grant_id is None:
        raise RoleProposed
    record(
        connection,
        actor=by.email,
        act="admin.role_proposed",
        subject=f"admin:{admin_id}",
        grant=grant_id,
        role=role,
        why=reason,
    )
    return int(grant_id)


def approve_role(connection: Connection, *, grant_id: int, by: Admin) -> None:
    """Let the role count from now on, in every session of its admin.

    Raises NoSuchThing, NotAllowed unless `by` is an owner, OnlyOthers for whom it is about,
    SameAdmin for its proposer, ProposerGone where that is no owner now, or RoleDecided (also on a
    repeat): the database asks for the same. And NotEnrolled for more than a viewer: whoever takes
    somebody on has the code that makes them, and must not get a role with it that a second owner
    meant for another person.
    """
    lock_owners(connection)
    grant = _open_grant(connection, grant_id=grant_id, by=by)
    if grant.proposed_by == by.id:
        raise SameAdmin(_("proposed it"))
    ensure_still_active(
        connection,
        admin_id=grant.proposed_by,
        roles=frozenset({Role.OWNER}),
        first_act=_("proposed it"),
    )
    before = connection.execute(select(admin).where(admin.c.id == grant.admin_id)).one()
    if before.totp_nonce is None and grant.role != Role.VIEWER:
        raise NotEnrolled
    connection.execute(
        update(role_grant)
        .where(role_grant.c.id == grant_id)
        .values(approved_by=by.id, approved_at=func.kibeezy_now())
    )
    record(
        connection,
        actor=by.email,
        act="admin.role_granted",
        subject=f"admin:{grant.admin_id}",
        before={"role": before.role, "disabled": str(before.disabled_at is not None).lower()},
        after={"role": grant.role, "disabled": "false"},
        grant=grant_id,
        why=grant.why,
    )


def withdraw_role(connection: Connection, *, grant_id: int, by: Admin) -> None:
    """Drop a proposal, as its proposer or any other owner may.

    Raises NoSuchThing, NotAllowed, OnlyOthers for whom it is about, or RoleDecided (also on a
    repeat).
    """
    grant = _open_grant(connection, grant_id=grant_id, by=by)
    connection.execute(
        update(role_grant)
        .where(role_grant.c.id == grant_id)
        .values(withdrawn_at=func.kibeezy_now())
    )
    record(
        connection,
        actor=by.email,
        act="admin.role_withdrawn",
        subject=f"admin:{grant.admin_id}",
        grant=grant_id,
        role=grant.role,
    )


def _open_grant(connection: Connection, *, grant_id: int, by: Admin) -> "Row[*tuple[Any, ...]]":
    found = connection.execute(
        select(role_grant).where(role_grant.c.id == grant_id).with_for_update()
    ).one_or_none()
    if found is None:
        raise NoSuchThing(f"proposal {grant_id}")
    ensure_other_owner(by, admin_id=found.admin_id)
    if found.approved_at is not None or found.withdrawn_at is not None:
        raise RoleDecided
    return found
