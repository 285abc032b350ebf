"""Commands about how a market ends: result, disputes, payment."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, ParamSpec, Protocol

import click
from rich.progress import Progress
from sqlalchemy import Connection, Engine

from admin.commands.market_words import dispute_as_dict, show_disputes, show_summary
from admin.commands.speaking import acting_as, as_json, console, iso, plainly, say, show_json
from core.database import in_transaction
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.disputes import list_disputes
from core.markets.keep_result import keep_result
from core.markets.market import Market, get_market
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rule_dispute import rule_dispute
from core.markets.rules import MarketStatus, Outcome, Ruling, parse_outcome
from core.markets.settle_market import settle_market
from core.markets.summary import preview_settlement
from core.settings import Settings
from core.staff.records import Admin, find_admin

P = ParamSpec("P")


class _Propose(Protocol):
    """What both ways to say a result ask for."""

    def __call__(
        self,
        connection: Connection,
        /,
        *,
        market_id: int,
        outcome: Outcome,
        evidence: str,
        by: Admin,
        challenge_window: timedelta,
        late_from: str | datetime | None,
    ) -> Market: ...


@dataclass(frozen=True)
class _Saying:
    """A command by which one admin says a result that another must resolve."""

    command: str
    help: str
    propose: _Propose
    told: str


_FIRST: Final = _Saying(
    "propose",
    "Propose the result; another admin must resolve. Void also from open or suspended.",
    propose_result,
    "{outcome}",
)
_CORRECTION: Final = _Saying(
    "correct",
    "Propose another result within 72 hours of the settlement; another admin must resolve.",
    correct_result,
    "correction to {outcome}",
)


def add_deciding(market: click.Group, database: Engine, settings: Settings) -> None:
    """Add to the group what leads from open to settled."""
    _add_closing(market, database)
    _add_saying(market, database, settings, _FIRST)
    _add_saying(market, database, settings, _CORRECTION)
    _add_keeping(market, database)
    _add_disputes(market, database)
    _add_resolving(market, database, settings)


def _add_closing(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def close(market_id: int, email: str) -> None:
        """Take no more bets."""
        closed = in_transaction(
            database,
            lambda c: close_market(c, market_id=market_id, by=find_admin(c, email=email)),
        )
        say(f"Market {market_id} is closed. Next: propose its result.")
        say(f"If nobody resolves it until {iso(closed.deadline)}, every stake goes back.")


def _add_saying(market: click.Group, database: Engine, settings: Settings, saying: _Saying) -> None:
    window = settings.challenge_window

    @market.command(saying.command, help=saying.help)
    @click.argument("market_id", metavar="ID", type=int)
    @click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
    @_with_evidence
    @acting_as
    @plainly
    def say_result(
        market_id: int, outcome: str, evidence: str, late_from: str | None, email: str
    ) -> None:
        proposed = in_transaction(
            database,
            lambda c: saying.propose(
                c,
                market_id=market_id,
                outcome=parse_outcome(outcome),
                evidence=evidence,
                by=find_admin(c, email=email),
                challenge_window=window,
                late_from=late_from,
            ),
        )
        told = saying.told.format(outcome=outcome.upper())
        say(f"Market {market_id}: {told} proposed. Another admin must resolve it.")
        if proposed.in_challenge_window:
            say(f"Players may dispute it until {iso(proposed.challenge_ends_at)}.")


def _add_keeping(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.option("--reason", required=True, help="Why; kept in the audit trail.")
    @acting_as
    @plainly
    def keep(market_id: int, reason: str, email: str) -> None:
        """Take another admin's correction back: the result in force stays."""
        kept = in_transaction(
            database,
            lambda c: keep_result(
                c, market_id=market_id, reason=reason, by=find_admin(c, email=email)
            ),
        )
        assert kept.outcome is not None, "it is settled or voided again"
        say(f"Market {market_id} is {kept.status} again, with its result {kept.outcome.upper()}.")


def _with_evidence(command: Callable[P, None]) -> Callable[P, None]:
    """What a result rests on, and from when on bets came after the fact."""
    late = click.option(
        "--void-bets-from",
        "late_from",
        help="Refund bets placed at or after this moment, like 2026-12-31T18:00+03:00.",
    )
    evidence = click.option("--evidence", required=True, help="Where the result can be seen.")
    return evidence(late(command))


def _add_disputes(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @as_json
    @plainly
    def disputes(market_id: int, *, wants_json: bool) -> None:
        """Who disputes the result, and what was ruled."""
        found = in_transaction(
            database,
            lambda c: list_disputes(c, market=get_market(c, market_id=market_id)),
        )
        if wants_json:
            show_json([dispute_as_dict(one) for one in found])
        else:
            show_disputes(found)

    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.argument("ruling", type=click.Choice([ruling.value for ruling in Ruling]))
    @click.option("--reason", required=True, help="Why; kept in the audit trail.")
    @acting_as
    @plainly
    def rule(market_id: int, ruling: str, reason: str, email: str) -> None:
        """Rule on the open disputes, as a third admin; another must resolve."""
        ruled = in_transaction(
            database,
            lambda c: rule_dispute(
                c,
                market_id=market_id,
                ruling=Ruling(ruling),
                reason=reason,
                by=find_admin(c, email=email),
            ),
        )
        next_ = "Next: another admin resolves it."
        if ruled.status is not MarketStatus.PROPOSED:
            next_ = f"It is {ruled.status} again."
        say(f"Market {market_id}: disputes {ruling}. {next_}")


def _add_resolving(market: click.Group, database: Engine, settings: Settings) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @click.option("--dry-run", is_flag=True, help="Only show what would be paid.")
    @plainly
    def resolve(market_id: int, email: str, *, dry_run: bool) -> None:
        """Confirm the proposed result of another admin and pay the winners."""
        if dry_run:
            admin = in_transaction(database, lambda c: find_admin(c, email=email))
            show_summary(
                in_transaction(database, lambda c: preview_settlement(c, market_id=market_id))
            )
            say(f"Dry run for {admin.email}: nothing was changed.")
            return
        window = settings.challenge_window
        summary = in_transaction(
            database,
            lambda c: resolve_market(
                c, market_id=market_id, by=find_admin(c, email=email), challenge_window=window
            ),
        )
        show_summary(summary)
        _settle(database, market_id, summary.outcome)


def _settle(database: Engine, market_id: int, outcome: Outcome) -> None:
    """Pay now, showing how far; the worker goes on where this is killed."""
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        bar = bars.add_task("Paying", total=None)
        settle_market(
            database,
            market_id=market_id,
            progress=lambda done, everything: bars.update(bar, completed=done, total=everything),
        )
    ended = "voided" if outcome is Outcome.VOID else "settled"
    say(f"Market {market_id} is {ended}. Every player is told by SMS.")
