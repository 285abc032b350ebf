"""How reports look on the screen."""

from collections.abc import Mapping
from datetime import datetime
from itertools import islice
from typing import Final

import click

from admin.commands.speaking import iso, show_table
from core.money import Money
from core.reports.table import Cell, Part, Report

# Nobody reads more, and a table must hold all of its lines before it can be drawn.
MOST_LINES: Final = 1_000


def show_report(report: Report) -> None:
    """The head and every part as tables."""
    told = [(_words(name), spell(cell)) for name, cell in report.head.items() if cell is not None]
    show_table(("Report", report.schema.removeprefix("kibeezy.").replace("_", " ")), told)
    for part in report.parts:
        show_part(part)


def show_part(part: Part) -> None:
    """One part as a table. Raises ClickException for one that is too long to be read."""
    lines = list(islice(part.lines, MOST_LINES + 1))
    if len(lines) > MOST_LINES:
        raise click.ClickException(f"More than {MOST_LINES:,} lines: ask for --format csv or json.")
    if lines:
        columns = [_words(column) for column in part.columns]
        rows = [[_in_column(cell) for cell in line] for line in lines]
        is_money = any(column.endswith("_kes") for column in part.columns)
        show_table(columns, rows, title=_words(part.name) + (", in KES" if is_money else ""))


def spell(cell: Cell) -> str:
    """A value as a person reads it."""
    match cell:
        case None:
            return ""
        case bool():
            return "yes" if cell else "no"
        case datetime():
            return str(iso(cell))
        case Mapping():
            return "; ".join(f"{name}: {value}" for name, value in cell.items())
        case _:
            return str(cell)


def _in_column(cell: Cell) -> str:
    return str(cell).replace("KES ", "") if isinstance(cell, Money) else spell(cell)


def _words(name: str) -> str:
    return name.removesuffix("_kes").replace("_", " ").capitalize()
