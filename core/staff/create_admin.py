"""A new member of staff."""

import re
from typing import Final

from argon2 import PasswordHasher
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from core.audit_trail.records import record
from core.errors import Refused
from core.phone import parse_phone
from core.staff.records import Admin, Role, admin
from core.text import _

PASSWORD_CHARACTERS: Final = 12
# What a longer one would cost in hashing is a stranger's to spend, and nobody types it.
PASSWORD_MOST_CHARACTERS: Final = 256
EMAIL_MOST_CHARACTERS: Final = 254
# Whether an address exists only a message can tell; this catches slips.
_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", re.ASCII)
# OWASP's minimum for argon2id: 19 MiB, 2 passes, 1 lane. The parameters travel in the hash.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class InvalidEmail(Refused):
    """Not an address."""

    def __init__(self) -> None:
        super().__init__(_("That is not an e-mail address."))


class WeakPassword(Refused):
    """Shorter than a guess takes, or longer than anybody types."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A password has {least} to {most} characters.",
                least=PASSWORD_CHARACTERS,
                most=PASSWORD_MOST_CHARACTERS,
            )
        )


class AlreadyAdmin(Refused):
    """The address or the phone belongs to another admin."""

    def __init__(self) -> None:
        super().__init__(_("There is an admin with this e-mail address or phone already."))


def create_admin(
    connection: Connection, *, email: str, phone: str | None, role: Role, password: str
) -> Admin:
    """Add an admin; only an argon2id hash of the password is kept.

    The phone lets the rule be checked that nobody decides a market with a bet in it. Raises
    InvalidEmail, InvalidPhone, WeakPassword, or AlreadyAdmin (also on a repeat).
    """
    address = _parse_email(email)
    number = None if phone is None else parse_phone(phone)
    if not PASSWORD_CHARACTERS <= len(password) <= PASSWORD_MOST_CHARACTERS:
        raise WeakPassword
    row = insert(admin).values(
        email=address, phone=number, role=role, password_hash=_HASHER.hash(password)
    )
    new_id = connection.execute(
        row.on_conflict_do_nothing().returning(admin.c.id)
    ).scalar_one_or_none()
    if new_id is None:
        raise AlreadyAdmin
    record(connection, actor=address, act="admin.created", subject=f"admin:{new_id}", role=role)
    return Admin(new_id, address, number, role)


def _parse_email(raw: str) -> str:
    address = raw.strip().lower()
    if len(address) > EMAIL_MOST_CHARACTERS or not _EMAIL.fullmatch(address):
        raise InvalidEmail
    return address
