"""Commands about markets, from draft to settled."""

from collections.abc import Mapping
from dataclasses import replace

import click
from sqlalchemy import Connection, Engine

from admin.commands.market_deciding import add_deciding
from admin.commands.market_records import add_records
from admin.commands.market_words import as_dict, show_markets, show_terms
from admin.commands.speaking import acting_as, as_json, iso, plainly, say, show_json
from core.config.in_force import read_config
from core.database import in_transaction
from core.markets.approve_market import approve_market
from core.markets.create_market import create_market
from core.markets.draft_terms import written_in
from core.markets.edit_market import edit_market
from core.markets.list_markets import list_markets
from core.markets.market import Market, get_market
from core.markets.resume_market import resume_market
from core.markets.rules import MarketStatus, PayoutRule
from core.markets.suspend_market import suspend_market
from core.settings import Settings
from core.staff.records import find_admin


def group(*, database: Engine, settings: Settings) -> click.Group:
    """The group `market`."""

    @click.group("market")
    def market() -> None:
        """Questions, from draft to settled."""

    _add_create(market, database, settings)
    _add_edit(market, database)
    _add_approve(market, database)
    _add_listing(market, database)
    _add_pausing(market, database)
    add_deciding(market, database, settings)
    add_records(market, database, settings.pepper)
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
    @click.option("--approval-ref", help="The Authority's approval, where it has one.")
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
        approval_ref: str | None,
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
                approval_ref=approval_ref,
                by=find_admin(c, email=email),
            ),
        )
        say(f"Market {made.id} drafted: {made.question} (list label: {made.label})")


def _add_edit(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @click.option("--question", help="At most 60 septets.")
    @click.option("--closes-at", help="Like 2026-12-31T18:00+03:00.")
    @click.option("--label", help="At most 18 septets.")
    @click.option("--category")
    @click.option("--fee-bps", type=int, help="Fee in basis points.")
    @click.option("--payout", "payout_rule", type=click.Choice([r.value for r in PayoutRule]))
    @click.option("--resolves-from", help="Where the result will be read.")
    @click.option("--approval-ref", help="The Authority's approval, where it has one.")
    @plainly
    def edit(market_id: int, email: str, **given: str | int | None) -> None:
        """Change a draft; whoever wrote or changed it cannot approve it."""
        changes = {name: said for name, said in given.items() if said is not None}
        edited = in_transaction(database, lambda c: _edit(c, market_id, changes, email))
        say(f"Market {edited.id} is a draft: {edited.question} (list label: {edited.label})")


def _edit(
    connection: Connection, market_id: int, changes: Mapping[str, object], email: str
) -> Market:
    draft = get_market(connection, market_id=market_id)
    if "payout_rule" in changes:
        changes = {**changes, "payout_rule": PayoutRule(str(changes["payout_rule"]))}
    written = replace(written_in(draft), **changes)  # type: ignore[arg-type]
    return edit_market(
        connection,
        market_id=market_id,
        written=written,
        revision=draft.revision,
        by=find_admin(connection, email=email),
    )


def _add_approve(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @acting_as
    @click.option("--approval-ref", help="The Authority's approval, where it has one.")
    @plainly
    def approve(market_id: int, email: str, approval_ref: str | None) -> None:
        """Open a draft of another admin's.

        By approving you attest: no pending court case; not the safety, health or death of a
        person; not security or public order (L.N. 112 of 2026, reg. 45(7)).
        """
        opened = in_transaction(
            database,
            lambda c: approve_market(
                c,
                market_id=market_id,
                approval_ref=approval_ref,
                by=find_admin(c, email=email),
            ),
        )
        say(str(opened.attestation))
        show_terms(opened)
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


def _add_pausing(market: click.Group, database: Engine) -> None:
    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.option("--reason", required=True, help="Why; kept in the audit trail.")
    @acting_as
    @plainly
    def suspend(market_id: int, reason: str, email: str) -> None:
        """Take no bets until it is resumed; it still closes on time."""
        in_transaction(
            database,
            lambda c: suspend_market(
                c, market_id=market_id, reason=reason, by=find_admin(c, email=email)
            ),
        )
        say(f"Market {market_id} is suspended: no bets. The bets that are placed stand.")

    @market.command()
    @click.argument("market_id", metavar="ID", type=int)
    @click.option("--reason", required=True, help="Why; kept in the audit trail.")
    @acting_as
    @plainly
    def resume(market_id: int, reason: str, email: str) -> None:
        """Take bets again."""
        resumed = in_transaction(
            database,
            lambda c: resume_market(
                c, market_id=market_id, reason=reason, by=find_admin(c, email=email)
            ),
        )
        say(f"Market {market_id} takes bets again, until {iso(resumed.closes_at)}.")
