"""An admin whom wrong tries keep out may try again at once."""

from sqlalchemy import Connection, update

from core.audit_trail.records import record
from core.errors import NoSuchThing
from core.staff.records import Admin, admin
from core.staff.rules import ensure_other_owner


def unlock_admin(connection: Connection, *, admin_id: int, by: Admin) -> None:
    """Forget this admin's wrong tries. A repeat does the same again.

    Not one's own: a stolen session would guess on. Raises NotAllowed unless `by` is an owner,
    OnlyOthers, or NoSuchThing.
    """
    ensure_other_owner(by, admin_id=admin_id)
    unlocked = connection.execute(
        update(admin).where(admin.c.id == admin_id).values(wrong_tries=0, locked_until=None)
    )
    if unlocked.rowcount == 0:
        raise NoSuchThing(f"admin {admin_id}")
    record(connection, actor=by.email, act="admin.unlocked", subject=f"admin:{admin_id}")
