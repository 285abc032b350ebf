"""A new member of staff."""

import re
from typing import Final

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.errors import Refused
from core.phone import parse_phone
from core.staff.password import check_strength, hash_password
from core.staff.records import Admin, Role, admin
from core.text import _

EMAIL_MOST_CHARACTERS: Final = 254
# Whether an address exists only a message can tell; this catches slips.
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", re.ASCII)


class InvalidEmail(Refused):
    """Not an address."""

    def __init__(self) -> None:
        super().__init__(_("That is not an e-mail address."))


class AlreadyAdmin(Refused):
    """The address or the phone belongs to another admin."""

    def __init__(self) -> None:
        super().__init__(_("There is an admin with this e-mail address or phone already."))


def create_admin(
    connection: Connection,
    *,
    email: str,
    phone: str | None,
    role: Role,
    password: str,
    is_demo: bool = False,
    by: Admin | None = None,
) -> Admin:
    """Add an admin; only an argon2id hash of the password is kept.

    The phone lets the rule be checked that nobody decides a market with a bet in it. A demo admin
    signs in on a demo's machine only, for ever. Raises InvalidEmail, InvalidPhone, WeakPassword, or
    AlreadyAdmin (also on a repeat).
    """
    address = _parse_email(email)
    number = None if phone is None else parse_phone(phone)
    check_strength(password)
    row = insert(admin).values(
        email=address,
        phone=number,
        role=role,
        password_hash=hash_password(password),
        is_demo=is_demo,
    )
    new_id = connection.execute(
        row.on_conflict_do_nothing().returning(admin.c.id)
    ).scalar_one_or_none()
    if new_id is None:
        raise AlreadyAdmin
    # The first ones are made by whoever runs the server, and stand for themselves.
    actor = address if by is None else by.email
    record(connection, actor=actor, act="admin.created", subject=f"admin:{new_id}", role=role)
    return Admin(new_id, address, number, role)


def _parse_email(raw: str) -> str:
    address = raw.strip().lower()
    if len(address) > EMAIL_MOST_CHARACTERS or not _EMAIL.fullmatch(address):
        raise InvalidEmail
    return address
