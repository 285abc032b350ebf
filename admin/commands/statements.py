"""Commands about the provider's statements."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click
from sqlalchemy import Connection, Engine

from admin.commands.matching import Pull, match, say_imported, show_breaks
from admin.commands.speaking import (
    acting_as,
    as_json,
    iso,
    minute,
    parse_span,
    plainly,
    say,
    show_json,
    show_table,
)
from core.database import in_transaction
from core.phone import parse_phone
from core.settings import Settings
from core.staff.records import MONEY_ROLES, Admin, find_admin
from core.staff_input import parse_moment
from core.statements.approve_import import WaitingImport, approve_import, waiting_imports
from core.statements.breaks import Break, find_breaks
from core.statements.import_lines import ImportedLine, lines_of_import
from core.statements.import_statement import Imported, import_statement
from core.statements.lines import Flow, ForeignStatement, Source, Statement


def group(
    *,
    database: Engine,
    read: Callable[[bytes], Statement],
    pull: Pull,
    register: Callable[[str], None],
    settings: Settings,
) -> click.Group:
    """The group `statement`; `read` makes sense of a file, `register` takes a phone."""

    @click.group("statement")
    def statement() -> None:
        """M-Pesa's own statements, held against our books."""

    _add_import(statement, database, read, settings)
    _add_second_look(statement, database, settings)
    _add_pulling(statement, database, pull, register, settings)
    _add_breaks(statement, database)
    return statement


def _add_import(
    statement: click.Group,
    database: Engine,
    read: Callable[[bytes], Statement],
    settings: Settings,
) -> None:
    # A file that names no short code is the word of who imports it.
    ours = {settings.mpesa_shortcode, settings.mpesa_b2c_shortcode, None}

    @statement.command("import")
    @click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
    @click.option("--money", type=click.Choice([flow.value for flow in Flow]), required=True)
    @acting_as
    @click.option("--from", "covers_from", help="Like 2026-12-31T00:00+03:00.")
    @click.option("--to", "covers_to", help="By default the period that the file names.")
    @plainly
    def import_(
        file: Path, money: str, email: str, covers_from: str | None, covers_to: str | None
    ) -> None:
        """Read the portal's CSV of money in or out, all of it or nothing; another approves it."""
        found = read(file.read_bytes())
        if found.short_code not in ours:
            raise ForeignStatement(short_code=str(found.short_code))
        if covers_from is not None:
            found = replace(found, covers_from=parse_moment(covers_from))
        if covers_to is not None:
            found = replace(found, covers_to=parse_moment(covers_to))
        flow = Flow(money)
        kept = in_transaction(database, lambda c: _keep(c, found, flow, email))
        say_imported(kept)
        say(
            f"Nothing counts before another admin has read `statement lines {kept.import_id}`"
            f" and approves import {kept.import_id}."
        )


def _add_second_look(statement: click.Group, database: Engine, settings: Settings) -> None:
    @statement.command()
    @as_json
    @plainly
    def imports(*, wants_json: bool) -> None:
        """The files that wait for a second person."""
        waiting = in_transaction(database, waiting_imports)
        if wants_json:
            show_json([_import_as_dict(one) for one in waiting])
        elif waiting:
            show_table(
                ("ID", "By", "Lines", "Differing", "Paid in", "Paid out"),
                [
                    (
                        one.id,
                        one.imported_by,
                        one.n_lines,
                        one.n_differing,
                        one.paid_in,
                        one.paid_out,
                    )
                    for one in waiting
                ],
            )
        else:
            say("No import waits.")

    @statement.command()
    @click.argument("import_id", metavar="ID", type=int)
    @as_json
    @plainly
    def lines(import_id: int, *, wants_json: bool) -> None:
        """What a file says; look at it before you approve. What is new to us may move money."""
        found = in_transaction(database, lambda c: lines_of_import(c, import_id=import_id))
        if wants_json:
            show_json([_line_as_dict(line) for line in found])
        else:
            show_table(
                ("Receipt", "Kind", "Amount", "At", "Account", "Ours"),
                [
                    (
                        line.receipt,
                        line.kind,
                        line.amount,
                        minute(line.completed_at),
                        line.account or "",
                        "known" if line.is_known else "new",
                    )
                    for line in found
                ],
            )

    @statement.command()
    @click.argument("import_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(import_id: int, email: str) -> None:
        """Vouch for a file of another admin's, and hold its lines against the books."""
        made = in_transaction(
            database,
            lambda c: approve_import(c, import_id=import_id, by=find_admin(c, email=email)),
        )
        say(
            f"Import {made.id} of {made.imported_by} counts: {made.n_lines} lines,"
            f" {made.paid_in} in, {made.paid_out} out."
        )
        match(database, settings)


def _add_pulling(
    statement: click.Group,
    database: Engine,
    pull: Pull,
    register: Callable[[str], None],
    settings: Settings,
) -> None:
    @statement.command("pull")
    @click.option("--hours", type=click.IntRange(1, 48), default=48, show_default=True)
    @acting_as
    @plainly
    def pull_(hours: int, email: str) -> None:
        """Fetch what was paid to the paybill, 48 hours at most, and match it."""
        by = _admin(database, email)
        say_imported(pull(span=timedelta(hours=hours), by=by))
        match(database, settings)

    @statement.command("register")
    @click.argument("phone")
    @acting_as
    @plainly
    def register_(phone: str, email: str) -> None:
        """Have M-Pesa keep payments for `pull`; PHONE is the one that it nominated. Once."""
        _admin(database, email)
        register(parse_phone(phone))
        say("M-Pesa keeps the payments to the paybill for pulling.")


def _add_breaks(statement: click.Group, database: Engine) -> None:
    @statement.command("breaks")
    @click.option("--since", default="7d", help="How far back, like 90m, 24h or 7d.")
    @as_json
    @plainly
    def breaks_(since: str, *, wants_json: bool) -> None:
        """List what M-Pesa and our books do not agree on."""
        span = parse_span(since)
        found = in_transaction(database, lambda c: find_breaks(c, since=span))
        if wants_json:
            show_json([_as_dict(each) for each in found])
        else:
            show_breaks(found)


def _keep(connection: Connection, found: Statement, flow: Flow, email: str) -> Imported:
    return import_statement(
        connection,
        source=Source.CSV,
        money=flow,
        covers_from=found.covers_from,
        covers_to=found.covers_to,
        lines=found.lines,
        by=find_admin(connection, email=email),
    )


def _admin(database: Engine, email: str) -> Admin:
    by = in_transaction(database, lambda c: find_admin(c, email=email))
    by.ensure_role(MONEY_ROLES)
    return by


def _import_as_dict(one: WaitingImport) -> dict[str, object]:
    return {
        "id": one.id,
        "by": one.imported_by,
        "at": iso(one.imported_at),
        "lines": one.n_lines,
        "differing": one.n_differing,
        "paid_in_cents": one.paid_in.cents,
        "paid_out_cents": one.paid_out.cents,
    }


def _line_as_dict(line: ImportedLine) -> dict[str, object]:
    return {
        "receipt": line.receipt,
        "kind": line.kind.value,
        "amount_cents": line.amount.cents,
        "at": iso(line.completed_at),
        "account": line.account,
        "known": line.is_known,
    }


def _as_dict(found: Break) -> dict[str, object]:
    return {
        "kind": found.kind.value,
        "receipt": found.receipt,
        "amount_cents": found.amount.cents,
        "at": iso(found.at),
        "subject": found.subject,
        "why": found.why,
    }
