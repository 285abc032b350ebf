"""How commands talk: tables for people, JSON for programs, one clear line for a refusal."""

import functools
import json
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, Final, ParamSpec, TypeVar

import click
from redis.exceptions import RedisError
from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from core.clock import in_nairobi, iso_time
from core.database import sql_state
from core.errors import Refused
from core.text import Language

P = ParamSpec("P")
R = TypeVar("R")

# Through a pipe nobody turns a page, and a table that is cut off there tells nothing.
_PIPE_COLUMNS: Final = 200

console = Console(
    highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else _PIPE_COLUMNS
)
_SPAN = re.compile(r"([1-9]\d{0,4})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


class EngineAway(click.ClickException):
    """PostgreSQL or Redis does not answer, so nothing could be begun or finished."""

    exit_code = 2


def plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn a refusal into one line and status 1, an engine that is away into status 2."""

    @functools.wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except Refused as refusal:
            raise click.ClickException(refusal.text.in_(Language.ENGLISH)) from None
        except DBAPIError as error:
            # Only the server's own refusals carry a state; without one there was no server.
            if sql_state(error) is None or error.connection_invalidated:
                raise EngineAway("The database cannot be reached.") from None
            first_line, *_rest = str(error.orig).splitlines()
            raise click.ClickException(f"The database refused: {first_line}") from None
        except SQLAlchemyError as error:
            raise EngineAway(f"The database: {type(error).__name__}.") from None
        except RedisError:
            raise EngineAway("Redis cannot be reached.") from None

    return run


def say(sentence: str) -> None:
    """One line that says what was done."""
    console.print(escape(sentence))


def show_json(value: object) -> None:
    """The same for programs: one JSON document on standard output."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))


def show_table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None
) -> None:
    """A table that fits the terminal; amounts and numbers stand to the right."""
    table = Table(title=title, title_justify="left", header_style="bold")
    listed = [[str(cell) for cell in row] for row in rows]
    for position, column in enumerate(columns):
        filled = [row[position] for row in listed if row[position]]
        numeric = all(_is_numeric(cell) for cell in filled)
        justify: JustifyMethod = "right" if numeric and filled else "left"
        # What does not fit goes on below: a number or a name that is cut off cannot be typed.
        table.add_column(column, justify=justify, overflow="fold")
    for row in listed:
        table.add_row(*(escape(cell) for cell in row))
    console.print(table)


def iso(moment: datetime | None) -> str | None:
    """ISO 8601 with Nairobi's offset, in whole seconds; nothing of nothing."""
    return None if moment is None else iso_time(moment)


def minute(moment: datetime) -> str:
    """The same for a table, where room is scarce: Nairobi's time, to the minute."""
    return f"{in_nairobi(moment):%Y-%m-%d %H:%M}"


def second(moment: datetime) -> str:
    """The same to the second, for what happens more often."""
    return f"{in_nairobi(moment):%Y-%m-%d %H:%M:%S}"


def acting_as(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that names the admin who acts."""
    return click.option("--by", "email", required=True, help="E-mail of the admin who acts.")(
        command
    )


def as_json(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option that asks for JSON."""
    return click.option("--json", "wants_json", is_flag=True, help="Print JSON.")(command)


def parse_span(text: str) -> timedelta:
    """How far back `--since` reaches. Raises BadParameter, which says how to write it."""
    match = _SPAN.fullmatch(text)
    if match is None:
        raise click.BadParameter("write it like 90m, 24h or 7d", param_hint="--since")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _is_numeric(cell: str) -> bool:
    return cell.removeprefix("KES ").replace(",", "").replace(".", "").lstrip("-").isdigit()
