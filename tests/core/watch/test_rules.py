"""What stops where, and that looking costs no more than a tenth of a core."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ledger.groups import GROUPS, INVARIANTS, Group, group_of
from core.switches.rules import Switch
from core.watch.rules import EACH, MOST_LOAD, stopped_by, time_until_next


def test_every_invariant_stops_something() -> None:
    assert set(GROUPS) == set(Group)
    assert sum(map(len, GROUPS.values())) == len(INVARIANTS), "no name stands twice"
    assert all(stopped_by(group_of(name)) for name in INVARIANTS)


@pytest.mark.parametrize("kind", list(Switch))
def test_every_kind_of_money_is_stopped_by_something(kind: Switch) -> None:
    assert [group for group in Group if kind in stopped_by(group)]


def test_what_is_wrong_in_a_wallet_stops_everything() -> None:
    assert stopped_by(Group.WALLETS) == stopped_by(Group.TRANSFERS) == set(Switch)


def test_wrong_money_does_not_leave() -> None:
    moved = {Group.DEPOSITS, Group.PAYBILL, Group.RECEIPTS, Group.SETTLEMENTS, Group.WITHDRAWALS}
    assert all(Switch.WITHDRAWALS in stopped_by(group) for group in moved)


@given(st.lists(st.floats(0.0001, 600), min_size=1, max_size=80))
def test_all_looks_together_take_a_tenth_of_a_core_at_most(costs: list[float]) -> None:
    load = sum(cost / time_until_next(cost, every=costs).total_seconds() for cost in costs)
    assert load <= MOST_LOAD * 1.001


def test_the_cheap_ones_are_looked_at_each_minute_beside_a_slow_one() -> None:
    costs = [0.005] * 48 + [300.0]
    assert time_until_next(0.005, every=costs) == EACH
    assert EACH < time_until_next(300.0, every=costs) < timedelta(hours=2)
