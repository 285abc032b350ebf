"""Reading a great deal at one moment, a little at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, TextClause, text

LINES_AT_ONCE: Final = 1_000


def begin_snapshot(connection: Connection) -> None:
    """Let everything that this transaction reads be of one moment, and let it write nothing.

    This must be the first thing the transaction does. It may take as long as it takes.
    """
    connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
    connection.execute(text("SET LOCAL statement_timeout = 0"))


def stream(
    connection: Connection, query: TextClause, values: Mapping[str, object]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows through a cursor of the server's: a million take no more memory than a thousand."""
    at_once = {"yield_per": LINES_AT_ONCE}
    with connection.execute(query, dict(values), execution_options=at_once) as rows:
        yield from rows
