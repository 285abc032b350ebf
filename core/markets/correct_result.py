"""An admin says that a market was settled wrongly; another must agree before money moves back."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from core.audit_trail.records import record
from core.markets.correction import ask_to_end, ensure_not_final
from core.markets.deciders import ensure_no_bet
from core.markets.market import Market, get_market, lock_market
from core.markets.records import market as market_table
from core.markets.records import settlement
from core.markets.rules import (
    OVER,
    MarketStatus,
    NothingToCorrect,
    Outcome,
    WrongState,
)
from core.markets.tell_proposal import ask_to_tell
from core.markets.terms import parse_evidence, parse_late_from
from core.staff.records import MARKET_ROLES, Admin


def correct_result(
    connection: Connection,
    *,
    market_id: int,
    outcome: Outcome,
    evidence: str,
    by: Admin,
    challenge_window: timedelta,
    late_from: str | datetime | None = None,
) -> Market:
    """Propose another result for a settled or voided market, as the next version.

    The result in force stands until another admin resolves this one, and comes back where nobody
    does in time (`end_correction`). The challenge window starts now, as for any proposal. Raises
    NoSuchMarket, NotAllowed, InvalidFreeText, InvalidMoment, InvalidLateFrom, WrongState (also on a
    repeat), ResultIsFinal, NothingToCorrect or BetInMarket.
    """
    by.ensure_role(MARKET_ROLES)
    reason = parse_evidence(evidence)
    found = lock_market(connection, market_id=market_id)
    ensure_correctable(connection, market=found)
    late = parse_late_from(late_from, outcome=outcome, opened_at=found.approved_at, now=found.as_of)
    _ensure_another(connection, found, outcome, late)
    ensure_no_bet(connection, market=found, outcome=outcome, by=by)
    correction = {
        "status": MarketStatus.PROPOSED,
        "version": found.version + 1,
        "proposed_outcome": outcome,
        "proposed_by": by.id,
        "proposed_at": found.as_of,
        "evidence": reason,
        "late_from": late,
        "challenge_ends_at": found.as_of + challenge_window,
        "resolved_by": None,
        "resolved_at": None,
        "outcome": None,
        "voided_by_system": False,
    }
    change = market_table.update().where(market_table.c.id == market_id)
    connection.execute(change.values(correction))
    record(
        connection,
        actor=by.email,
        act="market.correction_proposed",
        subject=f"market:{market_id}",
        outcome=outcome.value,
        evidence=reason,
        late_from=None if late is None else late.isoformat(),
        version=found.version + 1,
        before={"status": found.status, "outcome": found.outcome},
        after={"status": MarketStatus.PROPOSED, "outcome": None},
    )
    proposed = get_market(connection, market_id=market_id)
    ask_to_end(connection, market=proposed)
    if challenge_window:
        ask_to_tell(connection, market=proposed)
    return proposed


def ensure_correctable(connection: Connection, *, market: Market) -> None:
    """Raise WrongState or ResultIsFinal where nobody may propose another result."""
    if market.status not in OVER:
        raise WrongState(market.id, market.status)
    ensure_not_final(connection, market=market)


def _ensure_another(
    connection: Connection, found: Market, outcome: Outcome, late_from: datetime | None
) -> None:
    in_force = connection.execute(
        select(settlement.c.outcome, settlement.c.late_from).where(
            settlement.c.market_id == found.id, settlement.c.version == found.version
        )
    ).one()
    if (in_force.outcome, in_force.late_from) == (outcome, late_from):
        raise NothingToCorrect(found.id)
