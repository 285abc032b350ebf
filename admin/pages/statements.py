"""M-Pesa's own statements: files that wait for a second person, and where the books differ."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from flask import Response, render_template

from admin.access import MONEY, PEOPLE
from admin.drawing.done import done
from admin.site import Site, me
from core.statements.approve_import import approve_import, waiting_imports
from core.statements.breaks import find_breaks
from core.statements.import_lines import lines_of_import
from core.statements.match_lines import match_lines

# A month has thousands of lines: the new ones, which may move money, come first.
MOST_LINES: Final = 500
BREAKS_OF: Final = timedelta(days=7)
# The rest is matched by the worker, which comes by each morning.
_MATCH_SECONDS: Final = 3


@dataclass(frozen=True)
class Statements:
    """What M-Pesa says itself."""

    site: Site

    def register(self) -> None:
        """Add the pages."""
        site = self.site
        site.page("/payments/statements", self.statements, roles=PEOPLE)
        site.page("/payments/statements/breaks", self.statement_breaks, roles=PEOPLE)
        site.page("/payments/statements/<int:import_id>", self.statement, roles=PEOPLE)
        site.act(
            "/payments/statements/<int:import_id>/approve",
            self.approve_statement,
            roles=MONEY,
            on=self.statement,
            fresh=True,
            done="The statement counts now: its lines are held against the books.",
        )

    def statements(self) -> str:
        """The files that wait."""
        return render_template("staff/statements.html", waiting=self.site.read(waiting_imports))

    def statement(self, import_id: int) -> str:
        """What one file says, before one vouches for it."""
        lines = self.site.look(
            lambda c: lines_of_import(c, import_id=import_id),
            act="statement.shown",
            subject=f"statement_import:{import_id}",
        )
        waiting = {each.id: each for each in self.site.read(waiting_imports)}
        return render_template(
            "staff/statement.html",
            import_id=import_id,
            lines=lines[:MOST_LINES],
            left_out=max(len(lines) - MOST_LINES, 0),
            waits=waiting.get(import_id),
        )

    def statement_breaks(self) -> str:
        """Where M-Pesa and our books differ."""
        breaks = self.site.read(lambda c: find_breaks(c, since=BREAKS_OF))
        return render_template("staff/statement_breaks.html", breaks=breaks, days=BREAKS_OF.days)

    def approve_statement(self, import_id: int) -> Response:
        """Vouch for another's file, and match what it says for some seconds."""
        self.site.write(lambda c: approve_import(c, import_id=import_id, by=me()))
        match_lines(
            self.site.database,
            settings=self.site.settings,
            progress=lambda _: None,
            most_seconds=_MATCH_SECONDS,
        )
        return done("statement", import_id=import_id)
