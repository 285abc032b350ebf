"""What a price is, and near which edge it stands."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.markets.pricing import Pool
from core.money import kes
from core.watchers.rules import Price, price_of


def at(percent: int) -> Price:
    return Price(percent, 100)


@pytest.mark.parametrize(
    ("percent", "step"),
    [(1, 0), (19, 0), (20, 1), (39, 1), (40, 2), (59, 2), (60, 3), (79, 3), (80, 4), (99, 4)],
)
def test_a_step_is_a_fifth(percent: int, step: int) -> None:
    assert at(percent).step == step


@pytest.mark.parametrize(
    ("percent", "edge"),
    [
        (1, 0),
        (18, 0),
        (19, 1),
        (21, 1),
        (22, 0),
        (39, 2),
        (58, 0),
        (59, 3),
        (61, 3),
        (79, 4),
        (82, 0),
    ],
)
def test_an_edge_is_near_within_two_points(percent: int, edge: int) -> None:
    assert at(percent).near_edge == edge


@pytest.mark.parametrize(
    ("yes", "no", "shown"),
    [(1_000, 0, None), (0, 1_000, None), (500, 499, None), (500, 500, "50%"), (999, 1, "99%")],
)
def test_a_price_needs_two_sides_and_some_money(yes: int, no: int, shown: str | None) -> None:
    price = price_of(Pool(kes(yes), kes(no)))
    assert (None if price is None else str(price)) == shown


@given(yes=st.integers(1, 10**12), no=st.integers(1, 10**12))
def test_a_near_edge_is_one_beside_the_step(yes: int, no: int) -> None:
    price = Price(yes, yes + no)
    assert price.near_edge in {0, price.step, price.step + 1}
    assert 0 <= price.step <= 4
