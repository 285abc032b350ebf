"""A new enrolment for somebody whose phone is gone, or whose code is."""

from dataclasses import dataclass, field

from sqlalchemy import Connection, select

from core.keyed_hash import Pepper
from core.staff.enrol import invite
from core.staff.records import Admin, Role, admin, enrolment, find_admin
from core.staff.rules import ensure_owner


@dataclass(frozen=True)
class Invitation:
    """A code for one person, and whether it asks for a password that they have."""

    email: str
    chooses_password: bool
    code: str = field(repr=False)


def invite_anew(
    connection: Connection, *, email: str, by: Admin, key: Pepper, forgotten: bool = False
) -> Invitation:
    """A new enrolment code for this admin; of several the last one counts.

    It asks for the password as well, so that an owner who sees the code does not become the other
    person; but a viewer who has never chosen one chooses it now, and so does whoever has
    `forgotten` it, which is for who runs the server to say. For oneself anybody may. Raises
    NoSuchThing, AdminDisabled, or NotAllowed unless `by` is an owner.
    """
    # Of two at once the second ends the first one's code, and sees who has enrolled meanwhile.
    found = find_admin(connection, email=email)
    connection.execute(select(admin.c.id).where(admin.c.id == found.id).with_for_update())
    invited = find_admin(connection, email=found.email)
    if invited.id != by.id or forgotten:
        ensure_owner(by)
    chooses = forgotten or (
        invited.role is Role.VIEWER and _has_none(connection, admin_id=invited.id)
    )
    code = invite(connection, invited=invited, by=by.email, key=key, chooses_password=chooses)
    return Invitation(invited.email, chooses, code)


def _has_none(connection: Connection, *, admin_id: int) -> bool:
    """Whether a password was to be chosen in the last enrolment, and none ever was finished."""
    newest = (
        select(enrolment.c.chooses_password)
        .join(admin, admin.c.id == enrolment.c.admin_id)
        .where(enrolment.c.admin_id == admin_id, admin.c.totp_nonce.is_(None))
        .order_by(enrolment.c.id.desc())
        .limit(1)
    )
    return bool(connection.execute(newest).scalar_one_or_none())
