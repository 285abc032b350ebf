"""The command that holds what is not known for sure against the provider's own answers."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeAlias

import click
from sqlalchemy import Connection, Engine

from admin.commands.matching import Pull, match, say_imported, show_breaks, spinner
from admin.commands.speaking import parse_span, plainly, say
from core.database import in_transaction
from core.deposits.reconcile import Query, Summary, reconcile
from core.paybill.list_suspense import unproven_payments
from core.provider.subjects import Subject
from core.settings import Settings
from core.statements.breaks import find_breaks
from core.statements.lines import StatementNotPulled
from core.text import Language
from core.withdrawals.list_withdrawals import withdrawals_in_doubt

Lister: TypeAlias = Callable[[Connection, timedelta], list[Subject]]
# Asks Transaction Status about all that is listed since then, and tells how many that were.
AskStatus: TypeAlias = Callable[[Lister, timedelta], int]


def command(
    *,
    database: Engine,
    query: Query,
    ask_status: AskStatus,
    pull: Pull,
    settings: Settings,
) -> click.Command:
    """The command `reconcile`."""

    @click.command("reconcile")
    @click.option("--since", default="24h", help="How far back, like 90m, 24h or 7d.")
    @plainly
    def settle(since: str) -> None:
        """Settle unknown payments against the provider, and list where its statement differs."""
        span = parse_span(since)
        _say_asked(_ask_deposits(database, query, span), since)
        withdrawals = ask_status(withdrawals_in_doubt, span)
        payments = ask_status(unproven_payments, span)
        say(
            f"Asked about {withdrawals} withdrawals and {payments} paybill payments;"
            " the answers come by themselves."
        )
        _pull(pull)
        match(database, settings)
        show_breaks(in_transaction(database, lambda c: find_breaks(c, since=span)))

    return settle


def _ask_deposits(database: Engine, query: Query, span: timedelta) -> Summary:
    with spinner("{task.completed} asked") as bars:
        bar = bars.add_task("Asking")
        return reconcile(
            database,
            since=span,
            query=query,
            progress=lambda _deposit, _outcome: bars.advance(bar),
        )


def _say_asked(summary: Summary, since: str) -> None:
    say(
        f"Asked about {summary.asked} deposits of the last {since}:"
        f" {summary.credited} credited,"
        f" {summary.confirmed} confirmed, {summary.failed} failed,"
        f" {summary.still_unknown} still unknown."
    )


def _pull(pull: Pull) -> None:
    try:
        say_imported(pull())
    except StatementNotPulled as error:
        # What was imported before is matched all the same.
        say(error.text.in_(Language.ENGLISH))
