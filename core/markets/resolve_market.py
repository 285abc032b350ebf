"""A second admin confirms the result, and the plan of who gets what is written once."""

from datetime import timedelta

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.markets.deciders import ensure_no_bet
from core.markets.market import Market, get_market, lock_market
from core.markets.plan import be_patient, freeze_plan
from core.markets.records import market
from core.markets.rules import (
    InChallengeWindow,
    MarketStatus,
    Outcome,
    WrongState,
)
from core.markets.summary import Summary, summarise_frozen
from core.outbox.records import ask
from core.staff.records import MARKET_ROLES, Admin
from core.staff.rules import SameAdmin
from core.text import _

# The command line settles by itself; the worker takes over if it was killed.
WORKER_STEPS_IN = timedelta(seconds=10)


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
    be_patient(connection)
    freeze_plan(connection, market_id=market_id, outcome=outcome)
    ask(
        connection,
        kind="settle_market",
        payload={"market_id": market_id},
        key=f"settle_market:{market_id}:{found.version}",
        delay=WORKER_STEPS_IN,
    )
    resolved = get_market(connection, market_id=market_id)
    return summarise_frozen(connection, market=resolved, outcome=outcome)


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
