"""Reads the organisation statement that the M-Pesa portal exports, wholly or not at all.

Columns, "Pay Bill from … Acc. …" and `dd-mm-yyyy HH:MM` are as in public samples
(`TezzaBusinessSolutions/MKOPA_Regression_Test_Channel`, 2017; lines that tell the short code and
the period stand before the table in others). No export of Safaricom's own was found, so that
spelling and order of the columns may vary here, and a column that is not known is passed over.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final

from core.statements.lines import Line, Statement, UnreadableStatement
from payments.mpesa.statement_cells import (
    Unreadable,
    account_of,
    amount_of,
    kind_of,
    masked_party,
    moment_of,
    moments_in,
    receipt_of,
    title_of,
)

LARGEST_FILE_BYTES: Final = 64 * 1024 * 1024
# Where a file has no table by then, it is something else.
_LONGEST_PREAMBLE: Final = 30
_COMPLETED: Final = "completed"
# Nothing moved, or not yet (daraja.md §5.3, and Mifos' importer of such files). A status that is
# not listed may be a payment, so that it is refused instead of passed over.
_NOT_COMPLETED: Final = frozenset(
    {
        "attempted",
        "authorized",
        "cancelled",
        "declined",
        "expired",
        "failed",
        "initiated",
        "pending",
        "pending authorized",
    }
)
_REQUIRED: Final = ("receipt no", "completion time", "transaction status", "paid in", "withdrawn")
_SHORT_CODE: Final = re.compile(r"\d{5,7}", re.ASCII)
_SHORTEST_PERIOD: Final = timedelta(seconds=1)
# A period is from one moment to another.
_BOTH_ENDS: Final = 2


def read_statement(content: bytes) -> Statement:
    """The completed lines of the file, and the period they cover.

    The period is the one that stands before the table, or else that of the lines. Raises
    UnreadableStatement, with the first line that cannot be read, also for a file without lines
    and without a period.
    """
    rows = _rows(content)
    preamble: list[list[str]] = []
    for number, cells in rows:
        names = [_name(cell) for cell in cells]
        if all(name in names for name in _REQUIRED):
            lines = tuple(_lines(rows, names))
            return _statement(preamble, lines)
        preamble.append(cells)
        if len(preamble) == _LONGEST_PREAMBLE:
            raise UnreadableStatement(line=number, why="no table has begun")
    raise UnreadableStatement(line=len(preamble) + 1, why="the file ends before any table")


def _rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its last line in the file; empty ones are passed over."""
    if len(content) > LARGEST_FILE_BYTES:
        raise UnreadableStatement(line=1, why=f"the file has more than {LARGEST_FILE_BYTES} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise UnreadableStatement(line=line, why="it is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise UnreadableStatement(line=reader.line_num, why=str(error)) from None


def _lines(rows: Iterator[tuple[int, list[str]]], names: Sequence[str]) -> Iterator[Line]:
    for number, cells in rows:
        try:
            line = _read(_by_name(names, cells))
        except Unreadable as error:
            raise UnreadableStatement(line=number, why=str(error)) from None
        if line is not None:
            yield line


def _read(row: dict[str, str]) -> Line | None:
    """The line, or None for one that was never completed."""
    status = row["transaction status"].casefold()
    if status in _NOT_COMPLETED:
        return None
    if status != _COMPLETED:
        raise Unreadable(f"{status[:20]!r} is no status")
    paid_in, withdrawn = amount_of(row["paid in"]), amount_of(row["withdrawn"])
    if paid_in.cents < 0 or (paid_in and withdrawn):
        raise Unreadable("a line is either paid in or withdrawn")
    title = title_of(row.get("reason type", ""), row.get("details", ""))
    party = masked_party(row.get("other party info", ""))
    linked = row.get("linked transaction id", "")
    return Line(
        receipt=receipt_of(row["receipt no"]),
        kind=kind_of(title, paid_in=paid_in, withdrawn=withdrawn, party=party),
        amount=paid_in or max(withdrawn, -withdrawn),
        completed_at=moment_of(row["completion time"]),
        account=account_of(row.get("a/c no", ""), row.get("details", "")),
        party=party,
        details=title or None,
        linked_receipt=receipt_of(linked) if linked else None,
    )


def _by_name(names: Sequence[str], cells: Sequence[str]) -> dict[str, str]:
    if len(cells) != len(names):
        raise Unreadable(f"it has {len(cells)} cells, the table {len(names)}")
    return dict(zip(names, cells, strict=True))


def _statement(preamble: Sequence[Sequence[str]], lines: tuple[Line, ...]) -> Statement:
    by_label = {_name(cells[0]): (number, cells) for number, cells in enumerate(preamble, start=1)}
    number, cells = by_label.get("short code", (0, []))
    short_code = _SHORT_CODE.search(" ".join(cells))
    number, cells = by_label.get("time period", (0, []))
    moments = moments_in(" ".join(cells))
    if len(moments) == _BOTH_ENDS:
        covers_from, covers_to = moments
        if covers_from >= covers_to:
            raise UnreadableStatement(line=number, why="the period ends before it begins")
    elif lines:
        covers_from = min(line.completed_at for line in lines)
        covers_to = max(line.completed_at for line in lines) + _SHORTEST_PERIOD
    else:
        raise UnreadableStatement(line=len(preamble) + 1, why="neither lines nor a period")
    return Statement(lines, covers_from, covers_to, short_code[0] if short_code else None)


def _name(cell: str) -> str:
    return " ".join(cell.casefold().split()).rstrip(".:")
