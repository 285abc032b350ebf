"""A new password for oneself."""

from sqlalchemy import Connection, update

from core.audit_trail.records import record
from core.staff.password import NewPassword
from core.staff.records import admin
from core.staff.sessions import Session, end_sessions


def change_password(connection: Connection, *, of: Session, password: NewPassword) -> None:
    """Let only the new password count, and end every other session of this admin.

    Whoever calls has looked at the old one. Raises PasswordsDiffer or WeakPassword; a repeat does
    the same again.
    """
    hashed = password.hashed()
    connection.execute(update(admin).where(admin.c.id == of.admin.id).values(password_hash=hashed))
    ended = end_sessions(connection, admin_id=of.admin.id, why="password changed", but=of.id)
    record(
        connection,
        actor=of.admin.email,
        act="admin.password_changed",
        subject=f"admin:{of.admin.id}",
        sessions_ended=ended,
    )
