"""Markets at random, settled and corrected while money is spent: they keep every cent."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.database import now
from core.ledger.book import owed
from core.ledger.transfer import AccountKind
from core.markets.cancel_bet import CANCELLED_A_DAY
from core.markets.rules import Outcome, PayoutRule, Side
from core.money import Money, kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.oracle import share_out
from tests.core.markets.test_settlement import system
from tests.world import World

PHONES = tuple(f"+25470000010{n}" for n in range(4))
START = kes(3000)


class Placed(NamedTuple):
    player: int
    side: Side
    shillings: int
    # Taken back at once: it counts for nothing.
    cancelled: bool = False


class Result(NamedTuple):
    """What is said; `in_time` bets were, the rest were late."""

    outcome: Outcome
    in_time: int
    # What each player has spent elsewhere before this is paid, in shillings at most.
    spends: tuple[int, ...]


_BETS = st.lists(
    st.builds(
        Placed, st.integers(0, 3), st.sampled_from(Side), st.integers(20, 400), st.booleans()
    ),
    min_size=1,
    max_size=6,
)
_RESULTS = st.lists(
    st.builds(
        Result,
        st.sampled_from(Outcome),
        st.integers(0, 8),
        st.tuples(*[st.sampled_from([0, 0, 500, 5000])] * 4),
    ),
    min_size=1,
    max_size=3,
)


@pytest.fixture
def table(world: World, bookmaker: Bookmaker) -> tuple[World, Bookmaker]:
    for phone in PHONES:
        world.has_player(phone)
    return world, bookmaker


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(bets=_BETS, results=_RESULTS, rule=st.sampled_from(PayoutRule))
def test_whatever_is_said_in_whatever_order_the_last_word_counts(
    table: tuple[World, Bookmaker], bets: list[Placed], results: list[Result], rule: PayoutRule
) -> None:
    world, bookmaker = table
    _fill_up(world)
    # Another day, on which as many can be cancelled again.
    world.moves(days=1)
    bets = [
        bet._replace(cancelled=bet.cancelled and n < CANCELLED_A_DAY) for n, bet in enumerate(bets)
    ]
    market = world.has_market(payout_rule=rule)
    elsewhere = world.has_market("Will it rain?")
    fees, worth, spent = _fees(world), _worth(world), [kes(0)] * len(PHONES)
    moments = []
    for placed in bets:
        moments.append(_now(world))
        bet = bookmaker.bets(PHONES[placed.player], market, placed.side, placed.shillings)
        if placed.cancelled:
            bookmaker.cancels(PHONES[placed.player], bet.reference)
    in_force: tuple[Outcome, datetime | None] | None = None
    for result in results:
        spent = _spend(world, bookmaker, elsewhere, spent, result)
        said = result.outcome, _late_from(moments, result)
        if in_force is None:
            bookmaker.ends(market, said[0], late_from=said[1])
        elif said != in_force:
            bookmaker.ends_anew(market, said[0], late_from=said[1])
            # Whoever owes from a market before this one, and has no bet here, is not touched by it.
            paid = {bet.player for bet in bets if not bet.cancelled}
            assert not any(_owes_with_money(world, PHONES[n]) for n in paid)
        in_force = said
        world.ledger_is_sound()
    assert in_force is not None
    in_time = len(moments) if in_force[1] is None else moments.index(in_force[1])
    gained, kept = _expected(bets, in_time, in_force[0], rule)
    assert _worth(world) == [worth[n] - spent[n] + Money(gained[n]) for n in range(len(PHONES))]
    assert _fees(world) - fees == Money(kept)


def _expected(
    bets: Sequence[Placed], in_time: int, outcome: Outcome, rule: PayoutRule
) -> tuple[list[int], int]:
    """What each player has more than before, and what we keep, in cents: by the oracle."""
    plain = [
        (n, bet.player, bet.side.value, bet.shillings * 100)
        for n, bet in enumerate(bets[:in_time])
        if not bet.cancelled
    ]
    shares = share_out(plain, outcome=outcome.value, fee_bps=1000, equal=rule is PayoutRule.EQUAL)
    gained = [shares.players.get(n, 0) for n in range(len(PHONES))]
    for _, player, _, cents in plain:
        gained[player] -= cents
    return gained, shares.fee + shares.remainder


def _late_from(moments: Sequence[datetime], result: Result) -> datetime | None:
    late = result.outcome is not Outcome.VOID and result.in_time < len(moments)
    return moments[result.in_time] if late else None


def _spend(
    world: World, bookmaker: Bookmaker, market_id: int, spent: list[Money], result: Result
) -> list[Money]:
    after = []
    for phone, before, shillings in zip(PHONES, spent, result.spends, strict=True):
        stake = min(kes(shillings), world.wallet(phone).whole_shillings)
        if stake >= kes(20):
            bookmaker.bets(phone, market_id, Side.YES, stake)
            before += stake  # noqa: PLW2901
        after.append(before)
    return after


def _fill_up(world: World) -> None:
    for phone in PHONES:
        lacking = START - world.wallet(phone)
        if lacking > kes(0):
            world.gives(phone, lacking)


def _worth(world: World) -> list[Money]:
    """What each has, less what each owes."""
    with world.database.connect() as connection:
        return [
            world.wallet(phone) - owed(connection, player_id=world.player(phone).id)
            for phone in PHONES
        ]


def _owes_with_money(world: World, phone: str) -> bool:
    with world.database.connect() as connection:
        debt = owed(connection, player_id=world.player(phone).id)
    return bool(debt) and bool(world.wallet(phone))


def _fees(world: World) -> Money:
    return system(world, AccountKind.FEE_REVENUE) + system(world, AccountKind.ROUNDING)


def _now(world: World) -> datetime:
    with world.database.connect() as connection:
        return now(connection)
