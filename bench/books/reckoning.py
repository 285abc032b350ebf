"""What a settled market should have paid, computed from its bets alone, against the book."""

from collections import Counter
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, Engine, text

from core.markets.pricing import Plan, Stake, settle
from core.markets.rules import Outcome, PayoutRule, Side
from core.money import Money

_BETS = text("SELECT id, player_id, side, stake_cents FROM bet WHERE market_id = :market_id")
_TERMS = text("SELECT fee_bps, payout_rule FROM market WHERE id = :market_id")
# Every movement of a wallet that says it pays a bet of this market, however often there is one.
_PAID = text(
    """
    SELECT b.id AS bet_id, b.player_id, w.owner, e.cents
    FROM transfer t JOIN entry e ON e.transfer_id = t.id
    JOIN account w ON w.id = e.account_id AND w.kind = 'player_available'
    JOIN bet b ON b.id::text = t.key
    WHERE t.kind IN ('payout', 'refund') AND b.market_id = :market_id
    """
)
_KEPT = text(
    """
    SELECT coalesce(sum(e.cents) FILTER (WHERE a.kind = 'fee_revenue'), 0) AS fee,
        coalesce(sum(e.cents) FILTER (WHERE a.kind = 'rounding'), 0) AS remainder
    FROM entry e JOIN account a ON a.id = e.account_id
    """
)
_LEFT = text(
    """
    SELECT coalesce(sum(e.cents), 0) FROM entry e JOIN account a ON a.id = e.account_id
    WHERE a.kind = 'market_side' AND a.market = :market_id
    """
)


def compare(owner: Engine, *, market_id: int, outcome: Outcome) -> list[str]:
    """Say what is wrong, nothing where all is right. No other market may have been settled."""
    values = {"market_id": market_id}
    with owner.connect() as connection:
        stakes = [
            Stake(row.id, row.player_id, Side(row.side), Money(row.stake_cents))
            for row in connection.execute(_BETS, values)
        ]
        terms = connection.execute(_TERMS, values).one()
        plan = settle(
            stakes,
            outcome=outcome,
            fee_bps=terms.fee_bps,
            payout_rule=PayoutRule(terms.payout_rule),
        )
        wrong = list(_compare_payouts(connection, plan, values))
        kept = connection.execute(_KEPT).one()
        left = int(connection.execute(_LEFT, values).scalar_one())
    if (kept.fee, kept.remainder) != (plan.fee.cents, plan.remainder.cents):
        wrong.append(
            f"fee and remainder should be {plan.fee} and {plan.remainder},"
            f" booked were {kept.fee} and {kept.remainder} cents"
        )
    if left:
        wrong.append(f"{left} cents are left in the market")
    return wrong


def _compare_payouts(
    connection: Connection, plan: Plan, values: Mapping[str, int]
) -> Iterator[str]:
    times: Counter[int] = Counter()
    paid: dict[int, int] = {}
    for row in connection.execute(_PAID, values):
        times[row.bet_id] += 1
        paid[row.bet_id] = row.cents
        if row.owner != row.player_id:
            yield f"bet {row.bet_id} of player {row.player_id} was paid to player {row.owner}"
    for bet_id, count in times.items():
        if count != 1:
            yield f"bet {bet_id} was paid {count} times"
    for bet_id, amount in plan.payouts.items():
        if paid.get(bet_id, 0) != amount.cents:
            yield f"bet {bet_id} is due {amount}, paid were {paid.get(bet_id, 0)} cents"
