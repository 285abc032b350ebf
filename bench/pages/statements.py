"""What PostgreSQL was asked while a page was drawn, read from its log."""

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bench.books.ground import Ground

_BEGINS = re.compile(r"^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] (LOG|DETAIL|STATEMENT): +(.*)$")
_TOOK = re.compile(
    r"duration: ([\d.]+) ms +(statement|execute [^:]*|parse [^:]*|bind [^:]*): (.*)", re.DOTALL
)
_VALUE = re.compile(r"\$(\d+) = ('(?:[^']|'')*'|NULL)")
_WRITTEN_SECONDS = 0.3
_SUPERFLUOUS = ("BEGIN", "COMMIT", "ROLLBACK")


@dataclass
class Statement:
    """One statement as it was carried out, with its values in place of their numbers."""

    words: str
    milliseconds: float


class StatementLog:
    """Lets the server write down each statement with the time it took."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._log: Path = ground.household.log_path(name="postgres")

    def __enter__(self) -> Self:
        self._ground.configure(log_min_duration_statement="0")
        time.sleep(_WRITTEN_SECONDS)
        return self

    def __exit__(self, *_error: object) -> None:
        self._ground.configure(log_min_duration_statement="-1")

    def begin(self) -> int:
        """Where the log ends now."""
        time.sleep(_WRITTEN_SECONDS)
        return self._log.stat().st_size

    def since(self, position: int) -> list[Statement]:
        """What was asked from there on; what begins and ends transactions is left out."""
        time.sleep(_WRITTEN_SECONDS)
        with self._log.open("rb") as log:
            log.seek(position)
            return read_statements(log.read().decode(errors="replace"))


def read_statements(log: str) -> list[Statement]:
    """Read statements from such a log; planning counts with the statement that is planned."""
    found: list[Statement] = []
    planning = 0.0
    for kind, words in _entries(log):
        took = _TOOK.match(words)
        if kind == "DETAIL" and found:
            found[-1].words = _with_values(found[-1].words, words)
        if kind != "LOG" or took is None:
            continue
        milliseconds, how, statement = float(took[1]), took[2], took[3].strip()
        if how.startswith(("parse", "bind")):
            planning += milliseconds
        elif statement.upper() not in _SUPERFLUOUS:
            found.append(Statement(statement, milliseconds + planning))
            planning = 0.0
    return found


def plan_of(owner: Engine, statement: Statement) -> str:
    """How the server carries it out, measured; nothing that it writes is kept."""
    with owner.connect() as connection:
        try:
            lines = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF) {statement.words}".replace("%", "%%")
            ).scalars()
            return "\n".join(lines)
        except DBAPIError as error:
            return f"no plan: {error.orig}"


def _entries(log: str) -> list[tuple[str, str]]:
    entries: list[tuple[str, str]] = []
    for line in log.splitlines():
        begins = _BEGINS.match(line)
        if begins:
            entries.append((begins[1], begins[2]))
        elif entries:
            kind, words = entries[-1]
            entries[-1] = kind, f"{words}\n{line}"
    return entries


def _with_values(words: str, detail: str) -> str:
    values = dict(_VALUE.findall(detail))
    return re.sub(r"\$(\d+)", lambda number: values.get(number[1], number[0]), words)
