"""Commands about the books."""

import re
from datetime import timedelta

import click
from rich.progress import Progress, SpinnerColumn, TextColumn
from sqlalchemy import Engine

from admin.commands.speaking import console, plainly, say
from core.deposits.reconcile import Query, reconcile
from core.ledger.audit import verify as verify_ledger
from core.ledger.invariants import INVARIANTS

_SPAN = re.compile(r"([1-9]\d{0,4})([mhd])", re.ASCII)
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def group(*, database: Engine) -> click.Group:
    """The group `ledger`."""

    @click.group("ledger")
    def ledger() -> None:
        """The books."""

    @ledger.command()
    @plainly
    def verify() -> None:
        """Check every invariant; status 1 and the list where one fails."""
        with database.connect() as connection:
            violations = verify_ledger(connection)
        for violation in violations:
            say(f"{violation.name}: {violation.detail}")
        if violations:
            raise click.ClickException(f"{len(violations)} violations of the ledger's invariants.")
        say(f"The ledger is sound: {len(INVARIANTS)} invariants hold.")

    return ledger


def reconcile_command(*, database: Engine, query: Query) -> click.Command:
    """The command `reconcile`."""

    @click.command("reconcile")
    @click.option("--since", default="24h", help="How far back, like 90m, 24h or 7d.")
    @plainly
    def settle(since: str) -> None:
        """Settle unknown payments against the provider's own answers."""
        span = _parse_span(since)
        bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.completed} asked"),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        with bars:
            bar = bars.add_task("Asking")
            summary = reconcile(
                database,
                since=span,
                query=query,
                progress=lambda _deposit, _outcome: bars.advance(bar),
            )
        say(
            f"Asked about {summary.asked} deposits of the last {since}:"
            f" {summary.credited} credited,"
            f" {summary.confirmed} confirmed, {summary.failed} failed,"
            f" {summary.still_unknown} still unknown."
        )

    return settle


def _parse_span(text: str) -> timedelta:
    match = _SPAN.fullmatch(text)
    if match is None:
        raise click.BadParameter("write it like 90m, 24h or 7d", param_hint="--since")
    return timedelta(**{_UNITS[match[2]]: int(match[1])})
