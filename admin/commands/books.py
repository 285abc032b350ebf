"""Commands that close the books: the trial balance and a day's report."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.exporting import CSV, JSON, TABLE, Wanted, export, exported
from admin.commands.speaking import plainly
from core.database import now
from core.reports.daily_close import daily_close
from core.reports.days import parse_as_of, parse_day
from core.reports.table import Report
from core.reports.trial_balance import trial_balance


def add_books(ledger: click.Group, database: Engine) -> None:
    """Add `trial-balance` and `close` to the group."""
    _add_trial_balance(ledger, database)
    _add_close(ledger, database)


def _add_trial_balance(ledger: click.Group, database: Engine) -> None:
    @ledger.command("trial-balance")
    @click.option("--at", help="A day's end, like 2026-12-31, or 2026-12-31T18:00+03:00.")
    @exported(TABLE, CSV, JSON)
    @plainly
    def trial_balance_(at: str | None, *, wanted: Wanted) -> None:
        """What each kind of account stands at, debits against credits, now or at a moment."""

        def make(connection: Connection) -> Report:
            moment = now(connection)
            as_of = moment if at is None else parse_as_of(at, now=moment)
            return trial_balance(connection, as_of=as_of)

        export(database, wanted, make, name="trial-balance" + ("" if at is None else f"-{at}"))


def _add_close(ledger: click.Group, database: Engine) -> None:
    @ledger.command()
    @click.argument("day", metavar="DATE")
    @click.option("--part", type=click.Choice(["terms", "figures", "accounts", "movements"]))
    @exported(TABLE, CSV, JSON)
    @plainly
    def close(day: str, *, wanted: Wanted) -> None:
        """What a day in Nairobi, like 2026-12-31, did to every account, and what it leaves."""
        wanted_day = parse_day(day)
        export(
            database, wanted, lambda c: daily_close(c, day=wanted_day), name=f"close-{wanted_day}"
        )
