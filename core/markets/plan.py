"""The plan of a settlement: who gets what, written once and known by its hash."""

from datetime import timedelta

from sqlalchemy import Connection, text

from core.errors import NoSuchThing
from core.markets.market import Market
from core.markets.rules import Outcome
from core.outbox.records import ask

# A million bets take seconds to plan and to add up, and no hop waits for them. A chunk may have to
# wait for the chunk of another process.
_PATIENCE = text(
    "SELECT set_config('statement_timeout', '10min', true),"
    " set_config('lock_timeout', '1min', true)"
)
# A chunk that is lost with the server is paid again, so nobody waits for the disk; whatever is
# built on it, such as the message about it, waits for its own commit and so for the chunk's.
_CHUNK = text(
    "SELECT set_config('statement_timeout', '10min', true),"
    " set_config('lock_timeout', '1min', true), set_config('synchronous_commit', 'off', true)"
)
# In the order in which they will be paid, so that a chunk reads few pages.
_LINES = text(
    """
    INSERT INTO settlement_line (market_id, version, bet_id, player_id, payout_cents, kind)
    SELECT m.id, m.version, p.bet_id, p.player_id, p.payout_cents, p.kind
    FROM market m CROSS JOIN settlement_plan(m.id, :outcome) p
    WHERE m.id = :market_id ORDER BY p.player_id, p.bet_id
    """
)
_FREEZE = text(
    """
    INSERT INTO settlement (market_id, version, outcome, refunded, pool_cents, fee_cents,
        remainder_cents, late_cents, plan_hash)
    SELECT m.id, m.version, :outcome, t.refunded, t.pool, t.fee, t.pool - t.fee - (
            SELECT coalesce(sum(payout_cents), 0) FROM settlement_line l
            WHERE l.market_id = m.id AND l.version = m.version),
        t.late, settlement_hash(m.id, m.version)
    FROM market m CROSS JOIN settlement_terms(m.id, :outcome) t WHERE m.id = :market_id
    """
)
_SAME = text(
    "SELECT s.plan_hash = settlement_hash(s.market_id, s.version)"
    " FROM settlement s JOIN market m ON m.id = s.market_id AND m.version = s.version"
    " WHERE m.id = :market_id"
)


class PlanChanged(Exception):
    """What a settlement pays is not what was frozen: somebody must look at the book."""


def be_patient(connection: Connection) -> None:
    """Let this transaction take as long as settling a very large market takes."""
    connection.execute(_PATIENCE)


def begin_chunk(connection: Connection) -> None:
    """Be as patient, and let this transaction commit without waiting for the disk."""
    connection.execute(_CHUNK)


def freeze_plan(connection: Connection, *, market_id: int, outcome: Outcome) -> None:
    """Compute and write every line, then the totals and the hash. A repeat violates a key.

    The market's row says which version this is, and from when on bets were late. The transaction is
    patient from here on.
    """
    be_patient(connection)
    what = {"market_id": market_id, "outcome": outcome}
    connection.execute(_LINES, what)
    connection.execute(_FREEZE, what)


def ask_to_settle(
    connection: Connection, *, market: Market, delay: timedelta = timedelta(0)
) -> None:
    """Have the worker pay this version's plan after the delay. A repeat asks for nothing more."""
    ask(
        connection,
        kind="settle_market",
        payload={"market_id": market.id},
        key=settle_key(market),
        delay=delay,
    )


def settle_key(market: Market) -> str:
    """What the job is known by that pays this version's plan."""
    return f"settle_market:{market.id}:{market.version}"


def ensure_as_frozen(connection: Connection, *, market_id: int) -> None:
    """Raise PlanChanged unless the lines have the frozen hash, or NoSuchThing without a plan."""
    same = connection.execute(_SAME, {"market_id": market_id}).scalar_one_or_none()
    if same is None:
        raise NoSuchThing(f"settlement of market {market_id}")
    if not same:
        raise PlanChanged(market_id)
