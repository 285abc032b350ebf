"""A second admin confirms the result, and the plan of who gets what is written once."""

from datetime import timedelta

from sqlalchemy import Connection, func

from core.audit_trail.records import record
from core.markets.correction import correction_ends_at, is_correction
from core.markets.deciders import ensure_no_bet
from core.markets.disputes import ensure_undisputed
from core.markets.market import Market, get_market, lock_market
from core.markets.plan import ask_to_settle, freeze_plan
from core.markets.records import market as market_table
from core.markets.rules import (
    CorrectionOver,
    InChallengeWindow,
    MarketStatus,
    Outcome,
    WrongState,
)
from core.markets.summary import Summary, summarise_frozen
from core.staff.records import MARKET_ROLES, Admin
from core.staff.rules import SameAdmin
from core.switches.records import ensure_running
from core.switches.rules import Switch
from core.text import _

# The command line settles by itself; the worker takes over if it was killed.
WORKER_STEPS_IN = timedelta(seconds=10)


def resolve_market(
    connection: Connection, *, market_id: int, by: Admin, challenge_window: timedelta
) -> Summary:
    """Confirm the proposed outcome and freeze the plan; `settle_market` then pays it.

    `challenge_window` counts for what was proposed before windows were kept with the proposal.

    From here on the plan stands, and the worker pays it if the caller does not. Raises
    NoSuchMarket, NotAllowed, Stopped, WrongState (also on a repeat), SameAdmin for the proposer and
    for who ruled on a dispute, InChallengeWindow, CorrectionOver, ResultDisputed or BetInMarket.
    """
    by.ensure_role(MARKET_ROLES)
    ensure_running(connection, kind=Switch.SETTLEMENTS)
    found = lock_market(connection, market_id=market_id)
    outcome = ensure_may_resolve(connection, market=found, by=by, challenge_window=challenge_window)
    _begin(connection, found, outcome, by)
    freeze_plan(connection, market_id=market_id, outcome=outcome)
    ask_to_settle(connection, market=found, delay=WORKER_STEPS_IN)
    resolved = get_market(connection, market_id=market_id)
    return summarise_frozen(connection, market=resolved, outcome=outcome)


def ensure_may_resolve(
    connection: Connection, *, market: Market, by: Admin, challenge_window: timedelta
) -> Outcome:
    """The outcome that this admin may confirm now. Raises what resolving does, but Stopped."""
    outcome = _ensure_resolvable(market, by, challenge_window)
    _ensure_in_time(connection, market)
    ensure_undisputed(connection, market=market, by=by)
    ensure_no_bet(connection, market=market, outcome=outcome, by=by)
    return outcome


def _ensure_resolvable(found: Market, by: Admin, challenge_window: timedelta) -> Outcome:
    if found.status is not MarketStatus.PROPOSED:
        raise WrongState(found.id, found.status)
    assert found.proposed_outcome is not None
    assert found.proposed_at is not None
    if found.proposed_by == by.id:
        raise SameAdmin(_("proposed the result"))
    ends_at = found.challenge_ends_at or found.proposed_at + challenge_window
    if found.as_of < ends_at:
        raise InChallengeWindow(ends_at)
    return found.proposed_outcome


def _ensure_in_time(connection: Connection, found: Market) -> None:
    if is_correction(found):
        ends_at = correction_ends_at(connection, market=found)
        if found.as_of >= ends_at:
            raise CorrectionOver(found.id, ends_at)


def _begin(connection: Connection, found: Market, outcome: Outcome, by: Admin) -> None:
    void = outcome is Outcome.VOID
    resolution = {
        "status": MarketStatus.VOIDING if void else MarketStatus.SETTLING,
        "resolved_by": by.id,
        "resolved_at": func.kibeezy_now(),
        "outcome": outcome,
    }
    change = market_table.update().where(market_table.c.id == found.id)
    connection.execute(change.values(resolution))
    record(
        connection,
        actor=by.email,
        act="market.resolved",
        subject=f"market:{found.id}",
        before={"status": found.status},
        after={"status": MarketStatus.VOIDING if void else MarketStatus.SETTLING},
        outcome=outcome.value,
    )
