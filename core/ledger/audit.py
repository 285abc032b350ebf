"""What must always be true of the money, each as one query that finds what is not."""

from typing import NamedTuple

from sqlalchemy import Connection, text

from core.database import begin_snapshot
from core.ledger.groups import INVARIANTS

MOST_PER_INVARIANT = 20


class Violation(NamedTuple):
    """One broken invariant, and what breaks it."""

    name: str
    detail: str


def verify(connection: Connection) -> list[Violation]:
    """Every violation found, at most 20 of each invariant; changes nothing.

    All queries read one snapshot, so this must be the first thing its transaction does.
    """
    begin_snapshot(connection)
    found: list[Violation] = []
    for name, query in INVARIANTS.items():
        details = connection.execute(text(query)).scalars().fetchmany(MOST_PER_INVARIANT)
        found += [Violation(name, detail) for detail in details]
    return found
