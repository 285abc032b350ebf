"""A report as one JSON document, written line by line."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from core.money import Money
from core.reports.table import Cell, Part, Report, spell_time


def json_chunks(report: Report) -> Iterator[str]:
    """The document in pieces: the head first, then each part with an object for each line.

    Money is whole cents: the column `stake_kes` is called `stake_cents` here.
    """
    head = {"schema": report.schema, "version": report.version}
    facts = {_name(name): _value(cell) for name, cell in report.head.items()}
    spelled = [f"  {_dump(name)}: {_dump(value)}" for name, value in {**head, **facts}.items()]
    yield "{\n" + ",\n".join(spelled)
    for part in report.parts:
        yield f",\n  {_dump(part.name)}: ["
        yield from _objects(part)
        yield "]"
    yield "\n}\n"


def _objects(part: Part) -> Iterator[str]:
    names = [_name(column) for column in part.columns]
    between = "\n    "
    for line in part.lines:
        values = (_value(cell) for cell in line)
        yield between + _dump(dict(zip(names, values, strict=True)))
        between = ",\n    "
    if between.startswith(","):
        yield "\n  "


def _name(column: str) -> str:
    return column.removesuffix("_kes") + "_cents" if column.endswith("_kes") else column


def _value(cell: Cell) -> object:
    match cell:
        case Money(cents=cents):
            return cents
        case datetime():
            return spell_time(cell)
        case Mapping():
            return dict(cell)
        case _:
            return cell


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
