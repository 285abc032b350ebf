"""How commands hand out reports: to the screen, or as a file that is whole or not there."""

import functools
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any, Final

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn
from sqlalchemy import Connection, Engine

from admin.commands.report_words import show_report
from core.database import begin_snapshot
from core.reports.document import json_chunks
from core.reports.spreadsheet import csv_lines
from core.reports.table import Count, Part, Report

TABLE, CSV, JSON = "table", "csv", "json"
_PIECES_AT_ONCE: Final = 1_000


@dataclass(frozen=True)
class Wanted:
    """How a report is asked for; without a file it goes to standard output."""

    form: str
    file: Path | None
    overwrite: bool
    part: str | None = None


@dataclass(frozen=True)
class _Written:
    """A file that is written but not yet called by its name."""

    draft: Path
    file: Path
    digest: str


def exported(*forms: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The options of a command that hands out a report: its argument `wanted`.

    Without `--format` the file's ending says how, and without a file the first of `forms`.
    """

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(command)
        def run(*, form: str | None, out: Path | None, force: bool, **others: object) -> object:
            part = others.pop("part", None)
            assert part is None or isinstance(part, str)
            wanted = Wanted(form or _by_ending(out, forms), out, overwrite=force, part=part)
            return command(wanted=wanted, **others)

        decorated: Callable[..., Any] = run
        for option in (
            click.option("--force", is_flag=True, help="Overwrite a file that is there."),
            click.option("--out", type=click.Path(path_type=Path), help="A file, or a folder."),
            click.option("--format", "form", type=click.Choice(forms)),
        ):
            decorated = option(decorated)
        return decorated

    return add


def export(
    database: Engine, wanted: Wanted, make: Callable[[Connection], Report], *, name: str
) -> None:
    """Make the report of one moment and hand it out; `name` is its file's in a folder.

    Its last line says what was written. Raises ClickException, and then no file has changed.
    """
    if wanted.form == TABLE and wanted.file is not None:
        raise click.ClickException("A table is for the screen: a file is csv or json.")
    with database.connect() as connection:
        begin_snapshot(connection)
        if wanted.form == TABLE:
            show_report(_chosen(make(connection), wanted))
            return
        count = Count()
        with _progress(count):
            sentences = _hand_out(make(connection), wanted, name, count)
    for sentence in sentences:
        # Beside the report itself, so that a pipe gets the report alone.
        click.echo(sentence, err=wanted.file is None)


def _hand_out(report: Report, wanted: Wanted, name: str, count: Count) -> list[str]:
    if wanted.file is None:
        digest = _print(_content(report, wanted, count))
        return [f"Wrote {count.lines} lines, sha256 {digest}."]
    written: list[tuple[_Written, int]] = []
    try:
        for file, content in _files(report, wanted, name, count):
            before = count.lines
            written.append((_draft(file, content, wanted), count.lines - before))
        for each, _lines in written:
            each.draft.replace(each.file)
    except OSError as error:
        raise click.ClickException(f"{wanted.file}: {error.strerror}.") from None
    finally:
        for each, _lines in written:
            each.draft.unlink(missing_ok=True)
    return [f"Wrote {lines} lines to {one.file}, sha256 {one.digest}." for one, lines in written]


def _files(
    report: Report, wanted: Wanted, name: str, count: Count
) -> Iterator[tuple[Path, Iterable[str]]]:
    """Each file that is to be written, with its content."""
    place = wanted.file
    assert place is not None
    if not place.is_dir():
        yield place, _content(report, wanted, count)
    elif wanted.form == JSON:
        yield place / f"{name}.json", _content(report, wanted, count)
    else:
        for part in _tables(report, wanted):
            file = f"{name}.csv" if len(report.parts) == 1 else f"{name}-{part.name}.csv"
            yield place / file, csv_lines(count.of(part))


def _content(report: Report, wanted: Wanted, count: Count) -> Iterator[str]:
    if wanted.form == JSON:
        chosen = _chosen(report, wanted)
        return json_chunks(replace(chosen, parts=tuple(count.of(part) for part in chosen.parts)))
    tables = _tables(report, wanted)
    if len(tables) > 1:
        names = ", ".join(part.name for part in tables)
        raise click.ClickException(
            f"A CSV file is one table: name a --part ({names}), or a folder as --out."
        )
    return csv_lines(count.of(tables[0]))


def _chosen(report: Report, wanted: Wanted) -> Report:
    """The report with the one part that was asked for, or all of it."""
    if wanted.part is None:
        return report
    return replace(report, parts=tuple(p for p in report.parts if p.name == wanted.part))


def _tables(report: Report, wanted: Wanted) -> tuple[Part, ...]:
    """What becomes a CSV file each: the part that was asked for, or all that there are."""
    if wanted.part is not None:
        return tuple(part for part in report.with_terms if part.name == wanted.part)
    return report.parts if len(report.parts) == 1 else report.with_terms


def _draft(file: Path, content: Iterable[str], wanted: Wanted) -> _Written:
    """Write beside the file, for its owner's eyes only. Raises ClickException where it is there."""
    if file.exists() and not wanted.overwrite:
        raise click.ClickException(f"{file} is there already: --force overwrites it.")
    digest = hashlib.sha256()
    with NamedTemporaryFile(dir=file.parent, prefix=f".{file.name}.", delete=False) as draft:
        path = Path(draft.name)
        try:
            for piece in _bytes(content):
                digest.update(piece)
                draft.write(piece)
            draft.flush()
            os.fsync(draft.fileno())
        except BaseException:
            path.unlink()
            raise
    return _Written(path, file, digest.hexdigest())


def _print(content: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for piece in _bytes(content):
        digest.update(piece)
        click.echo(piece, nl=False)
    return digest.hexdigest()


def _bytes(content: Iterable[str]) -> Iterator[bytes]:
    pieces = iter(content)
    while some := list(islice(pieces, _PIECES_AT_ONCE)):
        yield "".join(some).encode()


@contextmanager
def _progress(count: Count) -> Iterator[None]:
    """How many lines went by, to a person only, and never into the report."""
    console = Console(stderr=True)
    words = TextColumn("{task.fields[count].lines} lines")
    bars = Progress(
        SpinnerColumn(), words, console=console, transient=True, disable=not console.is_terminal
    )
    with bars:
        bars.add_task("Reading", count=count)
        yield


def _by_ending(file: Path | None, forms: tuple[str, ...]) -> str:
    if file is None:
        return forms[0]
    ending = file.suffix.removeprefix(".").lower()
    return ending if ending in forms else JSON
