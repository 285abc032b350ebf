"""A part as CSV that spreadsheet programs open rightly: no formulas, no ruined numbers."""

import csv
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final, assert_never

from core.money import CENTS_PER_SHILLING, Money
from core.reports.table import Cell, Part, spell_time

# Without this mark Excel reads UTF-8 as the letters of an old code page.
BYTE_ORDER_MARK: Final = "\ufeff"
# What a cell begins with that a program would compute, also in the wide letters of Asian keyboards.
_FORMULA: Final = re.compile(r"\s*[=+\-@＝＋－＠]|[\t\r\n]")  # noqa: RUF001 - the wide letters
# References and receipts such as 2E4567 or 2DEC34 would be shown as another number or as a day.
_MONTH: Final = "JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_NUMBER: Final = re.compile(
    rf"\d[\d.,:/ %-]*(E[+-]?\d*)?|[\d ./-]*({_MONTH})[A-Z]*[ ./-]*[\d ./-]*\d|\d+[ ./-]*({_MONTH})",
    re.IGNORECASE | re.ASCII,
)


class _Echo:
    """Hands each written line back."""

    def write(self, line: str) -> str:
        return line


def csv_lines(part: Part) -> Iterator[str]:
    """The part by RFC 4180, line by line, its columns' names first."""
    writer = csv.writer(_Echo(), lineterminator="\r\n")
    yield BYTE_ORDER_MARK + _written(writer.writerow(part.columns))
    for line in part.lines:
        yield _written(writer.writerow([spell_cell(cell) for cell in line]))


def spell_cell(cell: Cell) -> str:
    """Money as shillings with two decimals, times by ISO 8601, texts so that they stay texts."""
    match cell:
        case None:
            return ""
        case Money(cents=cents):
            shillings, rest = divmod(abs(cents), CENTS_PER_SHILLING)
            return f"{'-' if cents < 0 else ''}{shillings}.{rest:02}"
        case datetime():
            return spell_time(cell)
        case bool():
            return "yes" if cell else "no"
        case int():
            return str(cell)
        case str():
            return _stays_text(cell)
        case Mapping():
            return _stays_text("; ".join(f"{name}: {value}" for name, value in cell.items()))
        case _:
            assert_never(cell)


def _stays_text(text: str) -> str:
    taken = _FORMULA.match(text) or _NUMBER.fullmatch(text.strip())
    return f"'{text}" if taken else text


def _written(line: object) -> str:
    assert isinstance(line, str)
    return line
