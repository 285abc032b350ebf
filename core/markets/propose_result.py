"""An admin says how a question ended; another must agree before money moves."""

from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.audit_trail.records import record
from core.markets.close_market import close_on_time
from core.markets.correction import ensure_not_final, is_correction
from core.markets.deadline import keep_deadline, resolution_time
from core.markets.deciders import ensure_no_bet
from core.markets.market import Market, get_market
from core.markets.records import market as market_table
from core.markets.rules import (
    BEFORE_CLOSING,
    MarketStatus,
    Outcome,
    StillOpen,
    WrongState,
)
from core.markets.tell_proposal import ask_to_tell
from core.markets.terms import parse_evidence, parse_late_from
from core.staff.records import MARKET_ROLES, Admin


def propose_result(
    connection: Connection,
    *,
    market_id: int,
    outcome: Outcome,
    evidence: str,
    by: Admin,
    challenge_window: timedelta = timedelta(0),
    late_from: str | datetime | None = None,
) -> Market:
    """Propose yes or no for a closed market, or void for any that is not settling yet.

    The challenge window starts now; while it lasts everybody who bet may dispute the result, and
    is told so. A market whose closing time has passed is closed first. A void replaces a proposed
    yes or no, so that a wrong proposal has a way out. Bets from `late_from` on were late and will
    be refunded. Raises NoSuchMarket, NotAllowed, InvalidFreeText, InvalidMoment, InvalidLateFrom,
    StillOpen, WrongState (also on a repeat), ResultIsFinal instead of a correction, or BetInMarket.
    """
    by.ensure_role(MARKET_ROLES)
    reason = parse_evidence(evidence)
    found = close_on_time(connection, market_id=market_id)
    ensure_in_turn(connection, market=found, outcome=outcome)
    late = parse_late_from(late_from, outcome=outcome, opened_at=found.approved_at, now=found.as_of)
    ensure_no_bet(connection, market=found, outcome=outcome, by=by)
    proposal = {
        "status": MarketStatus.PROPOSED,
        "proposed_outcome": outcome,
        "proposed_by": by.id,
        "proposed_at": found.as_of,
        "challenge_ends_at": found.as_of + challenge_window,
        "evidence": reason,
        "late_from": late,
        # A void of a market that never closed has a deadline from now on.
        "resolve_by": found.resolve_by or found.as_of + resolution_time(connection),
    }
    change = market_table.update().where(market_table.c.id == market_id)
    connection.execute(change.values(proposal))
    record(
        connection,
        actor=by.email,
        act="market.proposed",
        subject=f"market:{market_id}",
        before={"status": found.status, "proposed": found.proposed_outcome},
        after={"status": MarketStatus.PROPOSED, "proposed": outcome},
        outcome=outcome.value,
        evidence=reason,
        late_from=None if late is None else late.isoformat(),
    )
    proposed = get_market(connection, market_id=market_id)
    keep_deadline(connection, market=proposed)
    if challenge_window:
        ask_to_tell(connection, market=proposed)
    return proposed


def ensure_in_turn(connection: Connection, *, market: Market, outcome: Outcome) -> None:
    """Raise StillOpen, WrongState or ResultIsFinal where this outcome cannot be proposed now."""
    _ensure_proposable(market, outcome)
    if is_correction(market):
        ensure_not_final(connection, market=market)


def _ensure_proposable(found: Market, outcome: Outcome) -> None:
    void = outcome is Outcome.VOID
    if found.status is MarketStatus.CLOSED:
        return
    if found.status in BEFORE_CLOSING:
        if not void:
            raise StillOpen(found.closes_at)
        return
    replaces = found.status is MarketStatus.PROPOSED and found.proposed_outcome is not Outcome.VOID
    if not (void and replaces):
        raise WrongState(found.id, found.status)
