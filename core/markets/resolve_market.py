"""A second admin confirms the result, and the plan of who gets what is written once."""

from datetime import timedelta

from sqlalchemy import Connection, func, text

from core.audit_trail.records import record
from core.markets.deciders import ensure_no_bet
from core.markets.market import Market, get_market, lock_market
from core.markets.records import market
from core.markets.rules import (
    InChallengeWindow,
    MarketStatus,
    Outcome,
    SameAdmin,
    WrongState,
)
from core.markets.summary import Summary, summarise
from core.outbox.records import ask
from core.staff.records import MARKET_ROLES, Admin
from core.text import _

# The command line settles by itself; the worker takes over if it was killed.
WORKER_STEPS_IN = timedelta(seconds=10)
# A million bets take seconds to plan, and nobody waits for this market any more.
_PLAN_TIMEOUT = text("SET LOCAL statement_timeout = '10min'")

_FREEZE = text(
    """
    INSERT INTO settlement
        (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents, plan_hash)
    SELECT :market_id, :outcome, t.refunded, t.pool, t.fee, t.pool - t.fee - p.paid, p.hash
    FROM settlement_terms(:market_id, :outcome) t CROSS JOIN (
        SELECT coalesce(sum(payout_cents), 0) AS paid,
            sha256(convert_to(coalesce(string_agg(
                format('%s:%s:%s', bet_id, player_id, payout_cents), E'\\n' ORDER BY bet_id), ''),
                'UTF8')) AS hash
        FROM settlement_plan(:market_id, :outcome)) p
    """
)
_LINES = text(
    """
    INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents)
    SELECT :market_id, bet_id, player_id, payout_cents
    FROM settlement_plan(:market_id, :outcome)
    """
)


def resolve_market(
    connection: Connection, *, market_id: int, by: Admin, challenge_window: timedelta
) -> Summary:
    """Confirm the proposed outcome and freeze the plan; `settle_market` then pays it.

    From here on the plan stands, and the worker pays it if the caller does not. Raises
    NoSuchMarket, NotAllowed, WrongState (also on a repeat), SameAdmin for the proposer,
    InChallengeWindow or BetInMarket.
    """
    by.ensure_role(MARKET_ROLES)
    found = lock_market(connection, market_id=market_id)
    outcome = _ensure_resolvable(found, by, challenge_window)
    ensure_no_bet(connection, market=found, outcome=outcome, by=by)
    _begin(connection, found, outcome, by)
    connection.execute(_PLAN_TIMEOUT)
    what = {"market_id": market_id, "outcome": outcome}
    connection.execute(_FREEZE, what)
    connection.execute(_LINES, what)
    ask(
        connection,
        kind="settle_market",
        payload={"market_id": market_id},
        key=f"settle_market:{market_id}",
        delay=WORKER_STEPS_IN,
    )
    resolved = get_market(connection, market_id=market_id)
    return summarise(connection, market=resolved, outcome=outcome)


def _ensure_resolvable(found: Market, by: Admin, challenge_window: timedelta) -> Outcome:
    if found.status is not MarketStatus.PROPOSED:
        raise WrongState(found.id, found.status)
    assert found.proposed_outcome is not None
    assert found.proposed_at is not None
    if found.proposed_by == by.id:
        raise SameAdmin(_("proposed the result"))
    ends_at = found.proposed_at + challenge_window
    if found.as_of < ends_at:
        raise InChallengeWindow(ends_at)
    return found.proposed_outcome


def _begin(connection: Connection, found: Market, outcome: Outcome, by: Admin) -> None:
    void = outcome is Outcome.VOID
    resolution = {
        "status": MarketStatus.VOIDING if void else MarketStatus.SETTLING,
        "resolved_by": by.id,
        "resolved_at": func.kibeezy_now(),
        "outcome": outcome,
    }
    connection.execute(market.update().where(market.c.id == found.id).values(resolution))
    record(
        connection,
        actor=by.email,
        act="market.resolved",
        subject=f"market:{found.id}",
        outcome=outcome.value,
    )
