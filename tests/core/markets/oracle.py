"""The rules of the money once more, in exact fractions, by somebody who has not read pricing.py."""

from collections import defaultdict
from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True)
class Shares:
    fee: int
    remainder: int
    payouts: dict[int, int]
    players: dict[int, int]


# A bet is (number, player, "yes" or "no", cents).
Bets = list[tuple[int, int, str, int]]


def share_out(bets: Bets, *, outcome: str, fee_bps: int, equal: bool) -> Shares:
    pool = sum(cents for *_, cents in bets)
    won = sum(cents for *_, side, cents in bets if side == outcome)
    if won in (0, pool):
        return _shares(bets, 0, {number: cents for number, *_, cents in bets})
    fee = min(floor(Fraction(pool * fee_bps, 10_000)), pool - won)
    if not equal:
        rate = Fraction(pool - fee, won)
        paid = {n: floor(rate * cents) for n, _, side, cents in bets if side == outcome}
        return _shares(bets, fee, paid)
    winners = {player for _, player, side, _ in bets if side == outcome}
    each = floor(Fraction(pool - fee, len(winners)))
    paid = {}
    for winner in winners:
        paid |= _spread(each, [b for b in bets if b[1] == winner and b[2] == outcome])
    return _shares(bets, fee, paid)


def _spread(share: int, bets: Bets) -> dict[int, int]:
    """Each bet ends where its stake ends on a ruler as long as the share."""
    staked = sum(cents for *_, cents in bets)
    paid, before = {}, Fraction(0)
    for number, _, _, cents in sorted(bets):
        after = before + Fraction(share * cents, staked)
        paid[number] = floor(after) - floor(before)
        before = after
    return paid


def _shares(bets: Bets, fee: int, paid: dict[int, int]) -> Shares:
    payouts = {number: paid.get(number, 0) for number, *_ in bets}
    players: defaultdict[int, int] = defaultdict(int)
    for number, player, *_ in bets:
        players[player] += payouts[number]
    pool = sum(cents for *_, cents in bets)
    return Shares(fee, pool - fee - sum(paid.values()), payouts, dict(players))
