"""How commands match the statements' lines and show where they differ from the books."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from rich.progress import Progress, SpinnerColumn, TextColumn
from sqlalchemy import Engine

from admin.commands.speaking import console, say
from core.settings import Settings
from core.staff.records import Admin
from core.statements.breaks import Break
from core.statements.import_statement import Imported
from core.statements.match_lines import match_lines


class Pull(Protocol):
    """Fetches and keeps the provider's statement of the last so many hours."""

    def __call__(self, *, span: timedelta = ..., by: Admin | None = ...) -> Imported:
        """Raises StatementNotPulled, and NotAllowed for the admin."""


def say_imported(imported: Imported) -> None:
    """How much of a statement is new."""
    say(f"M-Pesa's statement has {imported.n_lines} lines, {imported.n_new} of them new.")


def match(database: Engine, settings: Settings) -> None:
    """Match every open line of the statements; shows how far it is, and says what came of it."""
    with spinner("{task.completed} lines matched") as bars:
        bar = bars.add_task("Matching")
        matched = match_lines(database, settings=settings, progress=lambda n: bars.advance(bar, n))
    say(
        f"Held {matched.explained + matched.unexplained} lines against the books:"
        f" {matched.explained} explained, {matched.unexplained} not."
    )
    if matched.failed:
        say(f"{matched.failed} lines could not be looked at; the log says why.")


def show_breaks(breaks: Sequence[Break]) -> None:
    """Each difference in a line of its own, and how many there are."""
    for found in breaks:
        say(found.sentence)
    say(f"{len(breaks)} breaks." if breaks else "No breaks.")


def spinner(words: str) -> Progress:
    """Shows that something goes on, to a person only."""
    return Progress(
        SpinnerColumn(),
        TextColumn(words),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
