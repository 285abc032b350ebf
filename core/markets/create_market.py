"""An admin drafts a market."""

from datetime import datetime

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.database import now
from core.ledger.book import open_pool
from core.markets.market import Market, get_market
from core.markets.records import market
from core.markets.rules import MarketStatus, PayoutRule
from core.markets.terms import (
    parse_approval_ref,
    parse_category,
    parse_closing_time,
    parse_fee,
    parse_label,
    parse_question,
    parse_source,
)
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

    `closes_at` carries its offset; the fee is in basis points of the pool; `approval_ref` is the
    Authority's approval. A repeat makes a second
    draft. Raises NotAllowed or what the validators of `terms` raise.
    """
    by.ensure_role(MARKET_ROLES)
    question = parse_question(question)
    fee = parse_fee(fee_bps)
    terms = {
        "question": question,
        "label": parse_label(label, question=question),
        "category": parse_category(category),
        "resolves_from": parse_source(resolves_from),
        "approval_ref": parse_approval_ref(approval_ref),
        "fee_bps": fee,
        "payout_rule": payout_rule,
        "closes_at": parse_closing_time(closes_at, now=now(connection)),
        "created_by": by.id,
    }
    insert = market.insert().values(terms).returning(market.c.id)
    market_id = connection.execute(insert).scalar_one()
    open_pool(connection, market_id=market_id)
    record(
        connection,
        actor=by.email,
        act="market.created",
        subject=f"market:{market_id}",
        after={"status": MarketStatus.DRAFT},
        question=question,
        fee_bps=fee,
        payout_rule=payout_rule.value,
    )
    return get_market(connection, market_id=market_id)
