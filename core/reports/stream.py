"""Reading a great deal, a little at a time."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, TextClause

LINES_AT_ONCE: Final = 1_000


def stream(
    connection: Connection, query: TextClause, values: Mapping[str, object]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows through a cursor of the server's: a million take no more memory than a thousand."""
    at_once = {"yield_per": LINES_AT_ONCE}
    with connection.execute(query, dict(values), execution_options=at_once) as rows:
        yield from rows
