"""The plan of a settlement: who gets what, written once and known by its hash."""

from sqlalchemy import Connection, text

from core.errors import NoSuchThing
from core.markets.rules import Outcome

# A million bets take seconds to plan and to add up, and no hop waits for them. A chunk may have to
# wait for the chunk of another process.
_PATIENCE = text(
    "SELECT set_config('statement_timeout', '10min', true),"
    " set_config('lock_timeout', '1min', true)"
)
_LINES = text(
    """
    INSERT INTO settlement_line (market_id, bet_id, player_id, payout_cents)
    SELECT :market_id, bet_id, player_id, payout_cents
    FROM settlement_plan(:market_id, :outcome)
    """
)
_FREEZE = text(
    """
    INSERT INTO settlement
        (market_id, outcome, refunded, pool_cents, fee_cents, remainder_cents, plan_hash)
    SELECT :market_id, :outcome, t.refunded, t.pool, t.fee, t.pool - t.fee - l.paid,
        settlement_hash(:market_id)
    FROM settlement_terms(:market_id, :outcome) t CROSS JOIN (
        SELECT coalesce(sum(payout_cents), 0) AS paid
        FROM settlement_line WHERE market_id = :market_id) l
    """
)
_SAME = text(
    "SELECT plan_hash = settlement_hash(market_id) FROM settlement WHERE market_id = :market_id"
)


class PlanChanged(Exception):
    """The lines of a settlement are not those that were frozen: somebody must look at the book."""


def be_patient(connection: Connection) -> None:
    """Let this transaction take as long as settling a very large market takes."""
    connection.execute(_PATIENCE)


def freeze_plan(connection: Connection, *, market_id: int, outcome: Outcome) -> None:
    """Compute and write every line, then the totals and the hash. A repeat violates a key."""
    what = {"market_id": market_id, "outcome": outcome}
    connection.execute(_LINES, what)
    connection.execute(_FREEZE, what)


def ensure_as_frozen(connection: Connection, *, market_id: int) -> None:
    """Raise PlanChanged unless the lines have the frozen hash, or NoSuchThing without a plan."""
    same = connection.execute(_SAME, {"market_id": market_id}).scalar_one_or_none()
    if same is None:
        raise NoSuchThing(f"settlement of market {market_id}")
    if not same:
        raise PlanChanged(market_id)
