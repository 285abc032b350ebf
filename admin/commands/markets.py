"""Commands about markets, from draft to settled."""

from collections.abc import Callable
from datetime import timedelta
from typing import ParamSpec

import click
from rich.progress import Progress
from sqlalchemy import Engine

from admin.commands.market_words import as_dict, show_markets, show_summary
from admin.commands.speaking import acting_as, as_json, console, iso, plainly, say, show_json
from core.config.in_force import read_config
from core.database import in_transaction
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.create_market import create_market
from core.markets.list_markets import list_markets
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rules import MarketStatus, Outcome, PayoutRule, parse_outcome
from core.markets.settle_market import settle_market
from core.markets.summary import preview_settlement
from core.settings import Settings
from core.staff.records import find_admin

P = ParamSpec("P")


def group(*, database: Engine, settings: Settings) -> click.Group:
    """The group `market`."""

    @click.group("market")
    def market() -> None:
        """Questions, from draft to settled."""

    _add_create(market, database, settings)
    _add_approve(market, database)
    _add_listing(market, database)
    _add_closing(market, database)
    _add_correcting(market, database, settings)
    _add_resolving(market, database, settings)
    return market


def _add_create(market: click.Group, database: Engine, settings: Settings) -> None:
    @market.command()
    @click.option("--question", required=True, help="At most 60 septets.")
    @click.option("--closes-at", required=True, help="Like 2026-12-31T18:00+03:00.")
    @acting_as
    @click.option("--label", help="At most 18 septets; by default the question's first words.")
    @click.option("--category")
    @click.option("--fee-bps", type=int, help="Fee in basis points.")
    @click.option("--payout", type=click.Choice([r.value for r in PayoutRule]), default="pro_rata")
    @click.option("--resolves-from", help="Where the result will be read.")
    @plainly
    def create(
        question: str,
        closes_at: str,
        email: str,
        label: str | None,
        category: str | None,
        fee_bps: int | None,
        payout: str,
        resolves_from: str | None,
    ) -> None:
        """Draft a market; another admin must approve it."""
        made = in_transaction(
            database,
            lambda c: create_market(
                c,
                question=question,
                label=label,
                category=category,
                closes_at=closes_at,
                fee_bps=read_config(c, settings=settings).platform_fee_bps
                if fee_bps is None
                else fee_bps,
                payout_rule=PayoutRule(payout),
                resolves_from=resolves_from,
                by=find_admin(c, email=email),
            ),
        )
        say(f"Market {made.id} drafted: {made.question} (list label: {made.label})")


def _add_approve(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def approve(market_id: int, email: str) -> None:
        """Open a draft of another admin's."""
        opened = in_transaction(
            database,
            lambda c: approve_market(c, market_id=market_id, by=find_admin(c, email=email)),
        )
        say(f"Market {opened.id} is open until {iso(opened.closes_at)}.")


def _add_listing(market: click.Group, database: Engine) -> None:
    @market.command("list")
    @click.option("--status", type=click.Choice([status.value for status in MarketStatus]))
    @as_json
    @plainly
    def list_(status: str | None, *, wants_json: bool) -> None:
        """Every market, or those of one status."""
        wanted = None if status is None else MarketStatus(status)
        markets = in_transaction(database, lambda c: list_markets(c, status=wanted))
        if wants_json:
            show_json([as_dict(listed) for listed in markets])
        else:
            show_markets(markets)


def _add_closing(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @plainly
    def close(market_id: int, email: str) -> None:
        """Take no more bets."""
        in_transaction(
            database,
            lambda c: close_market(c, market_id=market_id, by=find_admin(c, email=email)),
        )
        say(f"Market {market_id} is closed. Next: propose its result.")

    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
    @_with_evidence
    @acting_as
    @plainly
    def propose(
        market_id: int, outcome: str, evidence: str, late_from: str | None, email: str
    ) -> None:
        """Propose the result; another admin must resolve. Void also from open or suspended."""
        in_transaction(
            database,
            lambda c: propose_result(
                c,
                market_id=market_id,
                outcome=parse_outcome(outcome),
                evidence=evidence,
                by=find_admin(c, email=email),
                late_from=late_from,
            ),
        )
        say(f"Market {market_id}: {outcome.upper()} proposed. Another admin must resolve it.")


def _add_correcting(market: click.Group, database: Engine, settings: Settings) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.argument("outcome", type=click.Choice([outcome.value for outcome in Outcome]))
    @_with_evidence
    @acting_as
    @plainly
    def correct(
        market_id: int, outcome: str, evidence: str, late_from: str | None, email: str
    ) -> None:
        """Propose another result within 72 hours of the settlement; another admin must resolve."""
        in_transaction(
            database,
            lambda c: correct_result(
                c,
                market_id=market_id,
                outcome=parse_outcome(outcome),
                evidence=evidence,
                by=find_admin(c, email=email),
                challenge_window=timedelta(minutes=settings.challenge_window_minutes),
                late_from=late_from,
            ),
        )
        say(
            f"Market {market_id}: correction to {outcome.upper()} proposed."
            " Another admin must resolve it."
        )


def _with_evidence(command: Callable[P, None]) -> Callable[P, None]:
    """What a result rests on, and from when on bets came after the fact."""
    late = click.option(
        "--void-bets-from",
        "late_from",
        help="Refund bets placed at or after this moment, like 2026-12-31T18:00+03:00.",
    )
    evidence = click.option("--evidence", required=True, help="Where the result can be seen.")
    return evidence(late(command))


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
        window = timedelta(minutes=settings.challenge_window_minutes)
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
