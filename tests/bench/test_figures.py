"""What a figure says of its goal."""

import pytest

from bench.figures import Figure, percentile


@pytest.mark.parametrize(("share", "value"), [(0.5, 50), (0.99, 99), (1, 100), (0, 1)])
def test_a_percentile_is_a_value_that_was_measured(share: float, value: int) -> None:
    assert percentile(range(100, 0, -1), share) == value


def test_a_goal_is_met_on_its_own_side() -> None:
    assert Figure(what="times", value=13, goal=13).is_met
    assert not Figure(what="times", value=13.01, goal=13).is_met
    assert Figure(what="share", value=0.9, goal=0.9, more_is_better=True).is_met
    assert not Figure(what="share", value=0.89, goal=0.9, more_is_better=True).is_met
    assert Figure(what="seconds", value=1e9).is_met
