"""An admin drafts a market."""

from datetime import datetime

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.database import now
from core.ledger.book import open_pool
from core.markets.draft_terms import Written, parse_terms
from core.markets.market import Market, get_market
from core.markets.records import market
from core.markets.rules import MarketStatus, PayoutRule
from core.staff.records import MARKET_ROLES, Admin


def create_market(
    connection: Connection,
    *,
    question: str,
    label: str | None = None,
    category: str | None = None,
    closes_at: str | datetime,
    fee_bps: int,
    payout_rule: PayoutRule,
    resolves_from: str | None = None,
    approval_ref: str | None = None,
    by: Admin,
) -> Market:
    """Write a draft, which takes no bets until another admin approves it.

    The terms are those of `Written`. A repeat makes a second draft. Raises NotAllowed or what the
    validators of `terms` raise.
    """
    written = Written(
        question=question,
        label=label,
        category=category,
        closes_at=closes_at,
        fee_bps=fee_bps,
        payout_rule=payout_rule,
        resolves_from=resolves_from,
        approval_ref=approval_ref,
    )
    return write_draft(connection, written=written, by=by)


def write_draft(connection: Connection, *, written: Written, by: Admin) -> Market:
    """The same of terms that were collected before."""
    by.ensure_role(MARKET_ROLES)
    terms = parse_terms(written, now=now(connection))
    insert = market.insert().values(**terms, created_by=by.id).returning(market.c.id)
    market_id = connection.execute(insert).scalar_one()
    open_pool(connection, market_id=market_id)
    made = get_market(connection, market_id=market_id)
    record(
        connection,
        actor=by.email,
        act="market.created",
        subject=f"market:{market_id}",
        after={"status": MarketStatus.DRAFT},
        question=made.question,
        fee_bps=made.fee_bps,
        payout_rule=made.payout_rule.value,
    )
    return made
