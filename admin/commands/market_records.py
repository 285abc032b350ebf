"""Commands that tell a market's story: to people on the screen, to a regulator as a file."""

import click
from sqlalchemy import Connection, Engine

from admin.commands.exporting import CSV, JSON, Wanted, export, exported
from admin.commands.report_words import show_part, spell
from admin.commands.speaking import plainly, say, show_table
from core.database import begin_snapshot, in_transaction
from core.keyed_hash import Pepper
from core.markets.market import get_pool
from core.reports.market_record import allow_phones, market_record
from core.reports.table import Part, Report
from core.staff.records import find_admin

_PARTS = ("terms", "events", "disputes", "pools", "settlements", "lines")


def add_records(market: click.Group, database: Engine, pepper: Pepper) -> None:
    """Add `show` and `record` to the group."""
    _add_show(market, database, pepper)
    _add_record(market, database, pepper)


def _add_show(market: click.Group, database: Engine, pepper: Pepper) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @plainly
    def show(market_id: int) -> None:
        """Terms, pools, who did what and when, and how far a settlement is."""
        with database.connect() as connection:
            begin_snapshot(connection)
            report = market_record(
                connection, market_id=market_id, pepper=pepper, with_phones=False
            )
            _show(connection, market_id, report)


def _show(connection: Connection, market_id: int, report: Report) -> None:
    pool = get_pool(connection, market_id=market_id)
    head = report.head
    terms = [(name.replace("_", " "), spell(head[name])) for name in head if head[name] is not None]
    show_table(("Market", str(market_id)), [*terms, ("YES", pool.yes), ("NO", pool.no)])
    parts = {part.name: part for part in report.parts}
    show_part(parts["events"])
    show_part(parts["disputes"])
    _show_settlements(parts["settlements"])


def _show_settlements(part: Part) -> None:
    for line in part.lines:
        told = dict(zip(part.columns, line, strict=True))
        done, everything = told["lines_done"], told["lines"]
        assert isinstance(done, int)
        assert isinstance(everything, int)
        percent = 100 * done // everything if everything else 100
        ended = "finished" if told["finished_at"] else "not finished"
        say(
            f"Settlement {told['settlement']} ({spell(told['outcome']).upper()}): {done:,} of"
            f" {everything:,} lines done ({percent} %), {ended}; paid {told['paid_kes']},"
            f" fee {told['fee_kes']}, remainder {told['remainder_kes']}."
        )


def _add_record(market: click.Group, database: Engine, pepper: Pepper) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.option("--part", type=click.Choice(_PARTS), help="The table that a CSV file holds.")
    @click.option("--with-phones", is_flag=True, help="For an owner; it is written down.")
    @click.option("--by", "email", help="E-mail of the owner who asks for phones.")
    @exported(JSON, CSV)
    @plainly
    def record(market_id: int, *, wanted: Wanted, with_phones: bool, email: str | None) -> None:
        """Hand out the event and settlement record; players have pseudonyms."""
        if with_phones:
            if email is None:
                raise click.ClickException("--with-phones needs --by: it is written down.")
            in_transaction(database, lambda c: _allow(c, market_id, email))
        export(
            database,
            wanted,
            lambda c: market_record(c, market_id=market_id, pepper=pepper, with_phones=with_phones),
            name=f"market-{market_id}",
        )


def _allow(connection: Connection, market_id: int, email: str) -> None:
    allow_phones(connection, market_id=market_id, by=find_admin(connection, email=email))
