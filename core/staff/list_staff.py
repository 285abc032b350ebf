"""Who works here, and which roles wait for a second owner."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, select
from sqlalchemy import text as sql

from core.audit_trail.records import audit_event
from core.errors import NoSuchThing
from core.staff.records import Admin, Role, admin, admin_of, role_grant

# The newest sessions of each, by the index admin_session_of_admin.
_LIST: Final = sql("""
    SELECT a.*, kibeezy_now() AS at, seen.last AS seen_at
    FROM admin a, LATERAL (
        SELECT max(seen_at) AS last FROM (
            SELECT seen_at FROM admin_session
            WHERE admin_id = a.id AND enrolment_id IS NULL ORDER BY id DESC LIMIT 20
        ) newest
    ) seen
    WHERE cast(:admin_id AS bigint) IS NULL OR a.id = :admin_id
    ORDER BY a.disabled_at IS NOT NULL, a.email
""")


@dataclass(frozen=True)
class Member:
    """An admin as the others see them."""

    admin: Admin
    created_at: datetime
    is_enrolled: bool
    seen_at: datetime | None
    locked_until: datetime | None
    disabled_at: datetime | None
    is_demo: bool


@dataclass(frozen=True)
class RoleProposal:
    """A role that a second owner may approve."""

    id: int
    admin_id: int
    email: str
    role: Role
    why: str
    proposed_by: str
    proposed_at: datetime
    # Before somebody enrolled, only a viewer's.
    may_be_approved: bool


@dataclass(frozen=True)
class EnrolmentEvent:
    """Somebody made a code for an admin, or the admin enrolled with one."""

    at: datetime
    by: str
    is_code: bool


def list_staff(connection: Connection) -> list[Member]:
    """Everybody, those who are disabled last."""
    return [_member(row) for row in connection.execute(_LIST, {"admin_id": None})]


def read_member(connection: Connection, *, admin_id: int) -> Member:
    """One of them. Raises NoSuchThing."""
    row = connection.execute(_LIST, {"admin_id": admin_id}).one_or_none()
    if row is None:
        raise NoSuchThing(f"admin {admin_id}")
    return _member(row)


def list_role_proposals(connection: Connection) -> list[RoleProposal]:
    """Those that are open, the oldest first: each waits for somebody."""
    about, proposer = admin.alias("about"), admin.alias("proposer")
    query = (
        select(role_grant, about.c.email, about.c.totp_nonce, proposer.c.email.label("proposer"))
        .join(about, about.c.id == role_grant.c.admin_id)
        .join(proposer, proposer.c.id == role_grant.c.proposed_by)
        .where(role_grant.c.approved_at.is_(None), role_grant.c.withdrawn_at.is_(None))
        .order_by(role_grant.c.id)
    )
    return [
        RoleProposal(
            row.id,
            row.admin_id,
            row.email,
            Role(row.role),
            row.why,
            row.proposer,
            row.proposed_at,
            row.totp_nonce is not None or row.role == Role.VIEWER,
        )
        for row in connection.execute(query)
    ]


def list_enrolments(
    connection: Connection, *, admin_id: int, limit: int = 10
) -> list[EnrolmentEvent]:
    """Who made codes for this admin and when one was used, the newest first."""
    query = (
        select(audit_event.c.at, audit_event.c.actor, audit_event.c.act)
        .where(
            audit_event.c.subject == f"admin:{admin_id}",
            audit_event.c.act.in_(("admin.invited", "admin.enrolled")),
        )
        .order_by(audit_event.c.id.desc())
        .limit(limit)
    )
    return [
        EnrolmentEvent(row.at, row.actor, row.act == "admin.invited")
        for row in connection.execute(query)
    ]


def _member(row: "Row[*tuple[Any, ...]]") -> Member:
    is_locked = row.locked_until is not None and row.locked_until > row.at
    return Member(
        admin_of(row),
        row.created_at,
        row.totp_nonce is not None,
        row.seen_at,
        row.locked_until if is_locked else None,
        row.disabled_at,
        row.is_demo,
    )
