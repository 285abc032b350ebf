"""An owner takes somebody on, who sees nothing of persons or money until a second one agrees."""

import secrets
from typing import Final

from sqlalchemy import Connection

from core.keyed_hash import Pepper
from core.staff.create_admin import create_admin
from core.staff.enrol import invite
from core.staff.invite_anew import Invitation
from core.staff.records import Admin, Role
from core.staff.roles import propose_role
from core.staff.rules import ensure_owner

_NOBODY_KNOWS_BYTES: Final = 32


def hire(
    connection: Connection,
    *,
    email: str,
    phone: str | None,
    role: Role,
    why: str,
    by: Admin,
    key: Pepper,
) -> Invitation:
    """Add a viewer who chooses the password while enrolling, and propose any further role.

    So nobody becomes two people alone. Raises NotAllowed unless `by` is an owner, and what
    `create_admin` (also on a repeat) and `propose_role` raise.
    """
    ensure_owner(by)
    new = create_admin(
        connection,
        email=email,
        phone=phone,
        role=Role.VIEWER,
        password=secrets.token_urlsafe(_NOBODY_KNOWS_BYTES),
        by=by,
    )
    if role is not Role.VIEWER:
        propose_role(connection, admin_id=new.id, role=role, why=why, by=by)
    code = invite(connection, invited=new, by=by.email, key=key, chooses_password=True)
    return Invitation(new.email, chooses_password=True, code=code)
