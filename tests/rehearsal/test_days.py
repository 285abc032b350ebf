"""Ten days at random: nothing is lost, nothing doubled, and a seed replays."""

import pytest

from laptop.engines import Engines
from rehearsal.day import Plan, play
from rehearsal.rates import drawn_faults
from rehearsal.tally import Tally

SEEDS = range(1, 11)
PLAN = Plan(players=5)
# Ten days of twelve players see every kind; so many of five players do.
LEAST_KINDS = 0.75


@pytest.fixture(scope="module")
def played() -> dict[int, Tally]:
    """The days that were played, for those tests that look back on them."""
    return {}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_law_holds(house: Engines, played: dict[int, Tally], seed: int) -> None:
    played[seed] = play(house, PLAN, seed=seed)
    assert played[seed].wrong == []
    assert played[seed].actions > 30
    assert played[seed].counts["worker"]["killed"] > 0


def test_a_seed_replays(house: Engines, played: dict[int, Tally]) -> None:
    first = played.get(1) or play(house, PLAN, seed=1)
    again = play(house, PLAN, seed=1)
    assert again.replayable() == first.replayable()


def test_faults_of_every_place_came_up(played: dict[int, Tally]) -> None:
    if set(played) != set(SEEDS):
        pytest.skip("only some of the days were played")
    seen = {spot for tally in played.values() for spot in tally.faults}
    wanted = set(drawn_faults())
    assert {spot.partition(".")[0] for spot in wanted & seen} == {
        spot.partition(".")[0] for spot in wanted
    }
    assert len(wanted & seen) > LEAST_KINDS * len(wanted)
