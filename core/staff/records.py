"""The admins' table, and finding one."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    DateTime,
    FetchedValue,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Row,
    Table,
    Text,
    func,
    select,
)

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
    # With the service's own key it makes the second factor; nothing before enrolment.
    Column("totp_nonce", LargeBinary),
    Column("totp_last_step", BigInteger, nullable=False, server_default="0"),
    Column("wrong_tries", Integer, nullable=False, server_default="0"),
    Column("locked_until", DateTime(timezone=True)),
    Column("disabled_at", DateTime(timezone=True)),
    Column("is_demo", Boolean, nullable=False, server_default="false"),
)

enrolment = Table(
    "admin_enrolment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("admin_id", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column("code_mac", LargeBinary, nullable=False, unique=True),
    Column("nonce", LargeBinary, nullable=False),
    Column(
        "created_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("expires_at", DateTime(timezone=True), FetchedValue(), nullable=False),
    Column("used_at", DateTime(timezone=True)),
    # Whoever is new has no password yet, and chooses one on the way.
    Column("chooses_password", Boolean, nullable=False, server_default="false"),
    Index("admin_enrolment_of_admin", "admin_id"),
)

recovery_code = Table(
    "admin_recovery_code",
    metadata,
    Column("admin_id", BigInteger, ForeignKey("admin.id"), primary_key=True),
    Column("mac", LargeBinary, primary_key=True),
    Column("used_at", DateTime(timezone=True)),
)

session = Table(
    "admin_session",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("admin_id", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column("enrolment_id", BigInteger, ForeignKey("admin_enrolment.id")),
    Column("token_mac", LargeBinary, nullable=False, unique=True),
    Column("began_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("seen_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("proved_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()),
    Column("wrong_proofs", Integer, nullable=False, server_default="0"),
    Column("address", Text, nullable=False),
    Column("device", Text, nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("ended_why", Text),
    Index("admin_session_of_admin", "admin_id", "id"),
)

role_grant = Table(
    "admin_role_grant",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("admin_id", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column("role", Text, nullable=False),
    Column("why", Text, nullable=False),
    Column("proposed_by", BigInteger, ForeignKey("admin.id"), nullable=False),
    Column(
        "proposed_at", DateTime(timezone=True), nullable=False, server_default=func.kibeezy_now()
    ),
    Column("approved_by", BigInteger, ForeignKey("admin.id")),
    Column("approved_at", DateTime(timezone=True)),
    Column("withdrawn_at", DateTime(timezone=True)),
)
# One open proposal for each admin.
Index(
    "admin_role_grant_open",
    role_grant.c.admin_id,
    unique=True,
    postgresql_where=role_grant.c.approved_at.is_(None) & role_grant.c.withdrawn_at.is_(None),
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
# Who may see persons, and help them.
PEOPLE_ROLES = frozenset({Role.OWNER, Role.FINANCE, Role.SUPPORT})


class NotAllowed(Refused):
    """This admin's role does not cover the act."""

    def __init__(self, role: Role) -> None:
        super().__init__(_("An admin with the role {role} may not do that.", role=role))


class AdminDisabled(Refused):
    """This admin acts no more, by nobody's command."""

    def __init__(self, email: str) -> None:
        super().__init__(_("The admin {email} is disabled.", email=email))


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
    """The admin with this address, in any letter case. Raises NoSuchThing or AdminDisabled."""
    query = select(admin).where(admin.c.email == email.strip().lower())
    row = connection.execute(query).one_or_none()
    if row is None:
        raise NoSuchThing(f"admin {email}")
    if row.disabled_at is not None:
        raise AdminDisabled(row.email)
    return admin_of(row)


def admin_by_id(connection: Connection, *, admin_id: int) -> Admin:
    """The admin of this number, also one who is disabled. Raises NoSuchThing."""
    row = connection.execute(select(admin).where(admin.c.id == admin_id)).one_or_none()
    if row is None:
        raise NoSuchThing(f"admin {admin_id}")
    return admin_of(row)


def admin_of(row: "Row[*tuple[Any, ...]]") -> Admin:
    """The actor in a row of the table."""
    return Admin(row.id, row.email, row.phone, Role(row.role))
