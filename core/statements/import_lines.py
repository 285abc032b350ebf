"""What a file says, line by line, for whoever is about to vouch for it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, exists, select

from core.errors import NoSuchThing
from core.money import Money
from core.provider.records import receipt
from core.statements.lines import LineKind
from core.statements.records import statement_import, statement_line


@dataclass(frozen=True)
class ImportedLine:
    """One line; where no payment of ours has its receipt, it may move money once it counts."""

    receipt: str
    kind: LineKind
    amount: Money
    completed_at: datetime
    account: str | None
    is_known: bool


def lines_of_import(connection: Connection, *, import_id: int) -> list[ImportedLine]:
    """The lines that stand on no earlier statement, the unknown first. Raises NoSuchThing."""
    known = exists().where(receipt.c.receipt == statement_line.c.receipt).label("is_known")
    query = select(statement_line, known).where(statement_line.c.import_id == import_id)
    rows = connection.execute(query.order_by(known, statement_line.c.id)).all()
    found = select(statement_import.c.id).where(statement_import.c.id == import_id)
    if not rows and connection.execute(found).one_or_none() is None:
        raise NoSuchThing(f"import {import_id}")
    return [
        ImportedLine(
            receipt=row.receipt,
            kind=LineKind(row.kind),
            amount=Money(row.amount_cents),
            completed_at=row.completed_at,
            account=row.account,
            is_known=row.is_known,
        )
        for row in rows
    ]
