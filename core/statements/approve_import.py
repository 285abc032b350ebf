"""Use case: a second admin vouches for a file, and its lines count from then on."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, func, or_, select

from core.audit_trail.records import record
from core.errors import NoSuchThing, Refused
from core.money import Money
from core.staff.records import MONEY_ROLES, Admin, admin
from core.staff.rules import SameAdmin
from core.staff.still_active import ensure_still_active
from core.statements.lines import LineKind, Source
from core.statements.records import (
    ONE_AT_A_TIME,
    statement_import,
    statement_line,
    statement_other_amount,
)
from core.text import _


class ApprovedBefore(Refused):
    """An import counts once, and for good."""

    def __init__(self) -> None:
        super().__init__(_("That import counts already."))


@dataclass(frozen=True)
class WaitingImport:
    """A file that waits for a second person, with what its lines add up to.

    `n_differing` are the amounts that it has otherwise than an earlier statement.
    """

    id: int
    imported_by: str
    imported_at: datetime
    n_lines: int
    n_differing: int
    paid_in: Money
    paid_out: Money


def waiting_imports(connection: Connection) -> list[WaitingImport]:
    """Files that nobody has approved and that still say something of their own, oldest first."""
    return [_read(row) for row in connection.execute(_WAITING)]


def approve_import(connection: Connection, *, import_id: int, by: Admin) -> WaitingImport:
    """Let the lines of another admin's file count; what they prove happens when they are matched.

    Raises NotAllowed, NoSuchThing, ApprovedBefore (also on a repeat), SameAdmin, or ProposerGone:
    another then imports the file anew, which takes its lines over.
    """
    by.ensure_role(MONEY_ROLES)
    connection.execute(ONE_AT_A_TIME)
    lock = select(statement_import).where(statement_import.c.id == import_id).with_for_update()
    row = connection.execute(lock).one_or_none()
    if row is None:
        raise NoSuchThing(f"import {import_id}")
    if row.source == Source.PULL or row.approved_at is not None:
        raise ApprovedBefore
    if row.imported_by == by.id:
        raise SameAdmin(_("imported it"))
    ensure_still_active(
        connection, admin_id=row.imported_by, roles=MONEY_ROLES, first_act=_("imported it")
    )
    found = connection.execute(_WAITING.where(statement_import.c.id == import_id)).one_or_none()
    if found is None:
        # Other statements say the same, or have taken every line over.
        raise NoSuchThing(f"line left in import {import_id}")
    change = statement_import.update().where(statement_import.c.id == import_id)
    connection.execute(change.values(approved_by=by.id, approved_at=func.kibeezy_now()))
    subject = f"statement_import:{import_id}"
    record(
        connection,
        actor=by.email,
        act="statement.approved",
        subject=subject,
        before={"approved_by": None},
        after={"approved_by": by.email},
    )
    return _read(found)


_N_DIFFERING = (
    select(func.count())
    .where(statement_other_amount.c.import_id == statement_import.c.id)
    .correlate(statement_import)
    .scalar_subquery()
)
_CENTS = statement_line.c.amount_cents
_WAITING = (
    select(
        statement_import.c.id,
        admin.c.email,
        statement_import.c.imported_at,
        func.count(statement_line.c.id).label("n_lines"),
        _N_DIFFERING.label("n_differing"),
        func.coalesce(func.sum(_CENTS).filter(statement_line.c.kind == LineKind.PAID_IN), 0).label(
            "cents_in"
        ),
        func.coalesce(func.sum(_CENTS).filter(statement_line.c.kind == LineKind.PAID_OUT), 0).label(
            "cents_out"
        ),
    )
    .join(admin, admin.c.id == statement_import.c.imported_by)
    .outerjoin(statement_line, statement_line.c.import_id == statement_import.c.id)
    .where(
        statement_import.c.source == Source.CSV,
        statement_import.c.approved_at.is_(None),
        or_(statement_line.c.id.is_not(None), _N_DIFFERING > 0),
    )
    .group_by(statement_import.c.id, admin.c.email, statement_import.c.imported_at)
    .order_by(statement_import.c.id)
)


def _read(row: Row[*tuple[object, ...]]) -> WaitingImport:
    return WaitingImport(
        id=row.id,
        imported_by=row.email,
        imported_at=row.imported_at,
        n_lines=row.n_lines,
        n_differing=row.n_differing,
        paid_in=Money(int(row.cents_in)),
        paid_out=Money(int(row.cents_out)),
    )
