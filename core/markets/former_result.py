"""Where a market stood before the result that is proposed now."""

from sqlalchemy import Connection, text

from core.audit_trail.records import record
from core.markets.market import Market
from core.markets.records import market as market_table
from core.markets.rules import MarketStatus, Outcome

_IN_FORCE = text(
    """
    SELECT outcome, proposed_by, resolved_by, evidence, late_from, planned_at
    FROM settlement WHERE market_id = :market_id AND version = :version
    """
)


def former_result(connection: Connection, *, market: Market) -> dict[str, object]:
    """The columns that take a proposed market back to where it was, or to the result in force.

    Open or suspended until its closing time, and closed from then on. A void without anybody behind
    it was the system's own.
    """
    if market.version == 1:
        return _undecided(market)
    version = market.version - 1
    row = connection.execute(_IN_FORCE, {"market_id": market.id, "version": version}).one()
    void = row.outcome == Outcome.VOID
    return {
        "status": MarketStatus.VOIDED if void else MarketStatus.SETTLED,
        "version": version,
        "outcome": row.outcome,
        "resolved_by": row.resolved_by,
        "resolved_at": row.planned_at,
        "voided_by_system": row.resolved_by is None,
        "proposed_outcome": row.outcome,
        "proposed_by": row.proposed_by,
        "evidence": row.evidence,
        "late_from": row.late_from,
    }


def _undecided(market: Market) -> dict[str, object]:
    if market.closed_at is not None or market.as_of >= market.closes_at:
        return {"status": MarketStatus.CLOSED}
    paused = market.suspended_why is not None
    status = MarketStatus.SUSPENDED if paused else MarketStatus.OPEN
    # The deadline counts from the closing, which is still to come.
    return {"status": status, "resolve_by": None}


def take_correction_back(connection: Connection, *, market: Market, actor: str, why: str) -> None:
    """Let the result in force stay, and write down who said so; the caller holds the market."""
    back = former_result(connection, market=market)
    change = market_table.update().where(market_table.c.id == market.id)
    connection.execute(change.values(back))
    record(
        connection,
        actor=actor,
        act="market.kept",
        subject=f"market:{market.id}",
        why=why,
        before={"status": market.status, "version": market.version},
        after={"status": str(back["status"]), "version": market.version - 1},
    )
