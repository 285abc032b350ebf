"""Admins of a demo: enrolled without a person, and good on that machine only."""

from sqlalchemy import Connection, select, update

from core.audit_trail.records import record
from core.errors import NoSuchThing
from core.keyed_hash import Pepper
from core.staff.records import admin
from core.staff.totp import fresh_nonce, totp_secret


def enrol_demo_admin(connection: Connection, *, email: str, key: Pepper) -> str:
    """What an app would keep for this demo admin: made once, the same on a repeat.

    Raises NoSuchThing for everybody who is no demo admin, or is disabled.
    """
    which = admin.c.email == email, admin.c.is_demo, admin.c.disabled_at.is_(None)
    row = connection.execute(select(admin).where(*which).with_for_update()).one_or_none()
    if row is None:
        raise NoSuchThing(f"demo admin {email}")
    nonce = row.totp_nonce
    if nonce is None:
        nonce = fresh_nonce()
        connection.execute(update(admin).where(admin.c.id == row.id).values(totp_nonce=nonce))
        record(connection, actor=email, act="admin.enrolled", subject=f"admin:{row.id}")
    return totp_secret(admin_id=row.id, nonce=nonce, key=key)


def list_demo_admins(connection: Connection) -> list[str]:
    """The addresses of those who are not disabled."""
    query = (
        select(admin.c.email)
        .where(admin.c.is_demo, admin.c.disabled_at.is_(None))
        .order_by(admin.c.email)
    )
    return list(connection.execute(query).scalars())
