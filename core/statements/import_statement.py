"""Use case: keep a statement of the provider's; what it says is acted upon by match_lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, text

from core.audit_trail.records import record
from core.database import now
from core.staff.records import MONEY_ROLES, Admin
from core.statements.lines import EmptyPeriod, Flow, Line, Source
from core.statements.records import ONE_AT_A_TIME, statement_import

_CHUNK: Final = 1000
_GIVEN: Final = """
    SELECT * FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS given(
        receipt text, kind text, amount_cents bigint, completed_at timestamptz, account text,
        party text, details text, linked_receipt text)
"""
_COUNT_NEW: Final = text(
    f"""
    SELECT count(*) FROM ({_GIVEN}) g
    LEFT JOIN (statement_line l JOIN statement_import i
               ON i.id = l.import_id AND (i.source = 'pull' OR i.approved_at IS NOT NULL))
        USING (receipt, kind)
    WHERE l.id IS NULL
    """  # noqa: S608 - no value of anybody's is in it
)
_ADD: Final = text(
    f"""
    INSERT INTO statement_line (import_id, receipt, kind, amount_cents, completed_at, account,
                                party, details, linked_receipt)
    SELECT DISTINCT ON (receipt, kind) :import_id, g.* FROM ({_GIVEN}) g
    ORDER BY receipt, kind, completed_at
    ON CONFLICT (receipt, kind) DO UPDATE SET
        (import_id, amount_cents, completed_at, account, party, details, linked_receipt) =
        (excluded.import_id, excluded.amount_cents, excluded.completed_at, excluded.account,
         excluded.party, excluded.details, excluded.linked_receipt)
    WHERE statement_line.import_id <> excluded.import_id
      AND EXISTS (SELECT FROM statement_import i WHERE i.id = statement_line.import_id
                  AND i.source <> 'pull' AND i.approved_at IS NULL)
    """  # noqa: S608 - see above
)
# The first amount stays, and is not acted upon any more: nobody knows which of the two is right.
# What a file says against it counts when the file does, or one person could stop any payment.
_NOTE_OTHER_AMOUNTS: Final = text(
    f"""
    INSERT INTO statement_other_amount (line_id, import_id, amount_cents)
    SELECT l.id, :import_id, g.amount_cents FROM ({_GIVEN}) g
    JOIN statement_line l USING (receipt, kind) WHERE g.amount_cents <> l.amount_cents
    ON CONFLICT DO NOTHING
    """  # noqa: S608 - see above
)


@dataclass(frozen=True)
class Imported:
    """How many lines a statement had, and how many of them were not known before."""

    import_id: int
    n_lines: int
    n_new: int


def import_statement(
    connection: Connection,
    *,
    source: Source,
    money: Flow,
    covers_from: datetime,
    covers_to: datetime,
    lines: Sequence[Line],
    by: Admin | None,
) -> Imported:
    """Add the lines that are new, oldest first; moves no money.

    What was pulled counts at once, a file once another admin has approved it. The same statement
    again, or one that overlaps, adds only what is new, and takes over what nobody has approved yet;
    another amount under a known receipt stops its line as soon as both count. Covers nothing that
    is still to come. Without an admin it was the worker who fetched it. Raises NotAllowed or
    EmptyPeriod.
    """
    if by is not None:
        by.ensure_role(MONEY_ROLES)
    connection.execute(ONE_AT_A_TIME)
    covers_to = min(covers_to, now(connection))
    if covers_from >= covers_to:
        raise EmptyPeriod
    ordered = sorted(lines, key=lambda line: line.completed_at)
    once = {(line.receipt, line.kind): line for line in reversed(ordered)}
    counted = (connection.execute(_COUNT_NEW, chunk) for chunk in _chunks([*once.values()]))
    n_new = sum(count.scalar_one() for count in counted)
    row = statement_import.insert().values(
        source=source,
        money=money,
        covers_from=covers_from,
        covers_to=covers_to,
        n_lines=len(lines),
        n_new=n_new,
        imported_by=None if by is None else by.id,
    )
    import_id = connection.execute(row.returning(statement_import.c.id)).scalar_one()
    for chunk in _chunks(ordered):
        connection.execute(_ADD, {**chunk, "import_id": import_id})
        connection.execute(_NOTE_OTHER_AMOUNTS, {**chunk, "import_id": import_id})
    record(
        connection,
        actor="system" if by is None else by.email,
        act="statement.imported",
        subject=f"statement_import:{import_id}",
        source=source,
        money=money,
        lines=len(lines),
        new=n_new,
    )
    return Imported(import_id, len(lines), n_new)


def _chunks(lines: Sequence[Line]) -> Iterator[dict[str, str]]:
    for start in range(0, len(lines), _CHUNK):
        yield {"lines": json.dumps([_as_row(line) for line in lines[start : start + _CHUNK]])}


def _as_row(line: Line) -> dict[str, object]:
    return {
        "receipt": line.receipt,
        "kind": line.kind,
        "amount_cents": line.amount.cents,
        "completed_at": line.completed_at.isoformat(),
        "account": line.account,
        "party": line.party,
        "details": line.details,
        "linked_receipt": line.linked_receipt,
    }
