"""Commands about who did what."""

import csv
import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any, Final

import click
from sqlalchemy import Connection, Engine

from admin.commands.looking import looking, note_look
from admin.commands.speaking import (
    as_json,
    iso,
    parse_span,
    plainly,
    say,
    second,
    show_json,
    show_table,
)
from core.audit_trail.list_events import Event, Wanted, list_events
from core.audit_trail.words import in_words
from core.database import in_transaction
from core.reports.spreadsheet import spell_cell

_MOST_AT_ONCE: Final = 10_000
_COLUMNS: Final = ("id", "at", "actor", "act", "subject", "details")


def group(*, database: Engine) -> click.Group:
    """The group `audit`."""

    @click.group("audit")
    def audit() -> None:
        """Who did what, and when."""

    @audit.command("list")
    @_choosing
    @as_json
    @click.option("--csv", "wants_csv", is_flag=True, help="Print CSV.")
    @looking
    @plainly
    def list_(
        *,
        subject: str | None,
        actor: str | None,
        act: str | None,
        since: timedelta | None,
        before: int | None,
        limit: int,
        wants_json: bool,
        wants_csv: bool,
        looker: str | None,
    ) -> None:
        """The newest events, the newest first. A star stands for any letters."""
        wanted = Wanted(subject, actor, act, since, before)
        found = in_transaction(database, lambda c: _look_up(c, wanted, limit, looker))
        if wants_json:
            show_json([_as_dict(event) for event in found])
        elif wants_csv:
            _write_csv(found)
        else:
            _show(found, limit)

    return audit


def _look_up(connection: Connection, wanted: Wanted, limit: int, looker: str | None) -> list[Event]:
    found = list_events(connection, wanted=wanted, limit=limit)
    subject = wanted.subject or "audit:*"
    note_look(connection, looker=looker, act="audit.read", subject=subject, events=len(found))
    return found


def _choosing(command: Callable[..., Any]) -> Callable[..., Any]:
    """Which events are wanted."""
    for option in (
        click.option(
            "--limit", type=click.IntRange(1, _MOST_AT_ONCE), default=50, show_default=True
        ),
        click.option("--before", type=int, metavar="ID", help="Only older ones: the next page."),
        click.option("--since", callback=_span, help="How far back, like 90m, 24h or 7d."),
        click.option("--act", help="What was done, like market.closed or market.*"),
        click.option("--actor", metavar="EMAIL", help="Who did it, like an e-mail or player:7."),
        click.option("--subject", help="To what it was done, like market:112."),
    ):
        command = option(command)
    return command


def _span(_context: click.Context, _option: click.Parameter, value: str | None) -> timedelta | None:
    return None if value is None else parse_span(value)


def _as_dict(event: Event) -> dict[str, object]:
    return {
        "id": event.id,
        "at": iso(event.at),
        "actor": event.actor,
        "act": event.act,
        "subject": event.subject,
        "details": event.details,
    }


def _write_csv(found: list[Event]) -> None:
    sheet = StringIO()
    rows = csv.writer(sheet, lineterminator="\n")
    rows.writerow(_COLUMNS)
    for event in found:
        told = {**_as_dict(event), "details": json.dumps(event.details, ensure_ascii=False)}
        rows.writerow([event.id, *(spell_cell(str(told[name])) for name in _COLUMNS[1:])])
    click.echo(sheet.getvalue(), nl=False)


def _show(found: list[Event], limit: int) -> None:
    if not found:
        say("No events.")
        return
    show_table(
        ("ID", "When", "Who", "Act", "To what", "Details"),
        [
            (one.id, second(one.at), one.actor, one.act, one.subject, in_words(one.details))
            for one in found
        ],
    )
    if len(found) == limit:
        say(f"Older ones: --before {found[-1].id}")
