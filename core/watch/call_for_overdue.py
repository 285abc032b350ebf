"""Each payment that is unknown for too long gets an alarm of its own, and so a person's name."""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, text

from core.alarms.raise_alarm import raise_alarm
from core.database import be_patient
from core.ledger.overdue import ALARM, OVERDUE_BY_INVARIANT

# Where very many are, whoever takes these gets the next ones: a phone is no list.
MOST_OPEN: Final = 5


def call_for_overdue(connection: Connection, *, broken: Iterable[str]) -> None:
    """Raise an alarm for each payment that breaks one of these invariants; a repeat adds nothing.

    Once somebody has taken its alarm the payment breaks the invariant no more.
    """
    for name in broken:
        if name in OVERDUE_BY_INVARIANT:
            _call(connection, OVERDUE_BY_INVARIANT[name])


def _call(connection: Connection, overdue: str) -> None:
    be_patient(connection)
    query = text(
        f"SELECT subject, detail FROM ({overdue}) AS overdue"  # noqa: S608 - our own text
        " WHERE NOT EXISTS (SELECT FROM alarm a"
        "  WHERE a.kind = :kind AND a.subject = overdue.subject)"
        " ORDER BY subject LIMIT greatest(0, :most - ("
        "  SELECT count(*) FROM alarm a WHERE a.kind = :kind AND a.taken_at IS NULL))"
    )
    for row in connection.execute(query, {"kind": ALARM, "most": MOST_OPEN}).all():
        why = f"Nobody knows what became of it: {row.detail}."
        raise_alarm(connection, kind=ALARM, subject=row.subject, why=why)
