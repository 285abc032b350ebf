"""How a pool is shared, in whole cents; the database computes the same in sets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import NamedTuple

from core.markets.rules import Outcome, PayoutRule, Side
from core.money import WHOLE_BPS, Money


@dataclass(frozen=True)
class Pool:
    """What is staked on each side."""

    yes: Money
    no: Money

    @property
    def total(self) -> Money:
        return self.yes + self.no

    def on(self, side: Side) -> Money:
        """What is staked on this side."""
        return self.yes if side is Side.YES else self.no

    def plus(self, *, side: Side, stake: Money) -> "Pool":
        """The pool with one more stake in it."""
        if side is Side.YES:
            return Pool(self.yes + stake, self.no)
        return Pool(self.yes, self.no + stake)


class Stake(NamedTuple):
    """One bet, as far as its settlement is concerned."""

    bet_id: int
    player_id: int
    side: Side
    amount: Money
    late: bool = False


@dataclass(frozen=True)
class Plan:
    """Who gets what: by bet, every bet named; the pool is payouts, fee and remainder."""

    payouts: dict[int, Money]
    fee: Money
    remainder: Money


def settle(
    stakes: Sequence[Stake], *, outcome: Outcome, fee_bps: int, payout_rule: PayoutRule
) -> Plan:
    """Share the pool by the market's rule; every stake goes back where a side has no stake.

    Late stakes go back first: they count neither for the fee nor for the pool.
    """
    counted = [stake for stake in stakes if not stake.late]
    pool = pool_of(counted)
    if outcome is Outcome.VOID or not pool.yes or not pool.no:
        return refund(stakes)
    share = settle_pro_rata if payout_rule is PayoutRule.PRO_RATA else settle_equal
    plan = share(counted, winner=Side(outcome), fee_bps=fee_bps)
    back = {stake.bet_id: stake.amount for stake in stakes if stake.late}
    return Plan(plan.payouts | back, plan.fee, plan.remainder)


def settle_pro_rata(stakes: Sequence[Stake], *, winner: Side, fee_bps: int) -> Plan:
    """The pool after the fee to the winning bets, by stake, each floored to the cent."""
    pool = pool_of(stakes)
    fee = capped_fee(pool, winner=winner, fee_bps=fee_bps)
    shared, winning = (pool.total - fee).cents, pool.on(winner).cents
    won = {s.bet_id: shared * s.amount.cents // winning for s in stakes if s.side is winner}
    return _plan(stakes, won, fee)


def settle_equal(stakes: Sequence[Stake], *, winner: Side, fee_bps: int) -> Plan:
    """The pool after the fee in equal shares to the winning players.

    The share of a player with several bets is spread over them by stake, without losing a cent.
    """
    pool = pool_of(stakes)
    fee = capped_fee(pool, winner=winner, fee_bps=fee_bps)
    bets_of: dict[int, list[Stake]] = {}
    for stake in sorted(stakes):
        if stake.side is winner:
            bets_of.setdefault(stake.player_id, []).append(stake)
    share = (pool.total - fee).cents // len(bets_of)
    won = {bet: cents for bets in bets_of.values() for bet, cents in _spread(share, bets)}
    return _plan(stakes, won, fee)


def refund(stakes: Sequence[Stake]) -> Plan:
    """Every stake back in full, without a fee."""
    return Plan({stake.bet_id: stake.amount for stake in stakes}, Money(0), Money(0))


def capped_fee(pool: Pool, *, winner: Side, fee_bps: int) -> Money:
    """The fee, never more than the losers staked: so no winner gets back less than the stake."""
    return min(Money(pool.total.cents * fee_bps // WHOLE_BPS), pool.on(winner.other))


def indicative_return(
    pool: Pool, *, side: Side, stake: Money, fee_bps: int, payout_rule: PayoutRule
) -> Money | None:
    """What this stake would return now, itself in the pool, after the fee, in whole shillings.

    None where it depends on the number of winners.
    """
    if payout_rule is PayoutRule.EQUAL:
        return None
    after = pool.plus(side=side, stake=stake)
    shared = after.total - capped_fee(after, winner=side, fee_bps=fee_bps)
    return Money(shared.cents * stake.cents // after.on(side).cents).whole_shillings


def implied_probability(pool: Pool) -> float | None:
    """How likely those who bet think YES, from 0 to 1: its part of the pool. None without bets."""
    return pool.yes.cents / pool.total.cents if pool.total else None


def pool_of(stakes: Iterable[Stake]) -> Pool:
    """The pool that these stakes make."""
    pool = Pool(Money(0), Money(0))
    for stake in stakes:
        pool = pool.plus(side=stake.side, stake=stake.amount)
    return pool


def _spread(share: int, bets: Sequence[Stake]) -> list[tuple[int, int]]:
    through = list(accumulate(bet.amount.cents for bet in bets))
    edges = [share * cents // through[-1] for cents in [0, *through]]
    return [(bet.bet_id, edges[i + 1] - edges[i]) for i, bet in enumerate(bets)]


def _plan(stakes: Sequence[Stake], won: dict[int, int], fee: Money) -> Plan:
    payouts = {stake.bet_id: Money(won.get(stake.bet_id, 0)) for stake in stakes}
    remainder = pool_of(stakes).total - fee - Money(sum(won.values()))
    return Plan(payouts, fee, remainder)
