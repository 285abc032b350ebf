"""The admins' table, and finding one."""

from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import BigInteger, Column, Connection, DateTime, Identity, Table, Text, func, select

from core.database import metadata
from core.errors import NoSuchThing, Refused
from core.text import _

admin = Table(
    "admin",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("email", Text, nullable=False, unique=True),
    Column("phone", Text, unique=True),
    Column("role", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
)


class Role(StrEnum):
    """What a member of staff may do."""

    OWNER = "owner"
    RESOLVER = "resolver"
    FINANCE = "finance"
    SUPPORT = "support"
    VIEWER = "viewer"


MARKET_ROLES = frozenset({Role.OWNER, Role.RESOLVER})
MONEY_ROLES = frozenset({Role.OWNER, Role.FINANCE})


class NotAllowed(Refused):
    """This admin's role does not cover the act."""

    def __init__(self, role: Role) -> None:
        super().__init__(_("An admin with the role {role} may not do that.", role=role))


@dataclass(frozen=True)
class Admin:
    """A member of staff, as an actor; never carries the password hash."""

    id: int
    email: str
    phone: str | None
    role: Role

    def ensure_role(self, allowed: frozenset[Role]) -> None:
        """Raise NotAllowed unless the admin's role is one of these."""
        if self.role not in allowed:
            raise NotAllowed(self.role)


def find_admin(connection: Connection, *, email: str) -> Admin:
    """The admin with this address, in any letter case. Raises NoSuchThing."""
    query = select(admin).where(admin.c.email == email.strip().lower())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchThing(f"admin {email}")
    return Admin(row.id, row.email, row.phone, Role(row.role))
