"""When the other provider takes over, and when nobody does."""

from datetime import timedelta

import pytest

from core.carriers.rules import (
    FAILURES_IN_A_ROW,
    LEAST_OUTCOMES,
    LONGEST_STAY,
    PROBES,
    SHORTEST_STAY,
    Carrier,
    Standing,
    Tally,
    next_stay,
    why_to_move,
)

LONG = timedelta(days=1)
ON_FIRST = Standing(Carrier.AFRICAS_TALKING, stayed=LONG, stay=SHORTEST_STAY)
ON_SECOND = Standing(Carrier.INFOBIP, stayed=SHORTEST_STAY, stay=SHORTEST_STAY)
NOTHING = Tally()
WELL = Tally(accepted=PROBES, judged=PROBES)


@pytest.mark.parametrize(
    "here",
    [
        Tally(accepted=7, failures=FAILURES_IN_A_ROW, in_a_row=FAILURES_IN_A_ROW),
        Tally(accepted=14, failures=6),
        Tally(accepted=200, judged=LEAST_OUTCOMES, slow=LEAST_OUTCOMES // 2),
    ],
)
def test_whoever_fails_or_is_late_is_left(here: Tally) -> None:
    assert why_to_move(ON_FIRST, here=here, there=NOTHING)
    assert why_to_move(ON_SECOND, here=here, there=NOTHING)


@pytest.mark.parametrize(
    "here",
    [
        NOTHING,
        Tally(failures=FAILURES_IN_A_ROW - 1, in_a_row=FAILURES_IN_A_ROW - 1),
        Tally(accepted=1, failures=FAILURES_IN_A_ROW, in_a_row=1),
        Tally(accepted=15, failures=6),
        Tally(accepted=9, failures=9),
        Tally(accepted=200, judged=LEAST_OUTCOMES - 1, slow=LEAST_OUTCOMES - 1),
        Tally(accepted=200, judged=100, slow=49),
    ],
)
def test_a_few_failures_are_no_reason(here: Tally) -> None:
    assert why_to_move(ON_FIRST, here=here, there=NOTHING) is None


@pytest.mark.parametrize(
    ("here", "there"),
    [
        (Tally(failures=50), Tally(accepted=5, failures=5)),
        (Tally(accepted=60, failures=40), Tally(accepted=4, failures=1)),
        (Tally(accepted=99, judged=99, slow=99), Tally(accepted=5, judged=5, slow=3)),
    ],
)
def test_nobody_goes_to_whoever_is_half_as_bad(here: Tally, there: Tally) -> None:
    assert why_to_move(ON_FIRST, here=here, there=there) is None


def test_the_way_back_takes_ten_in_a_row_and_time() -> None:
    assert why_to_move(ON_SECOND, here=NOTHING, there=WELL)
    early = Standing(
        Carrier.INFOBIP, stayed=SHORTEST_STAY - timedelta(seconds=1), stay=SHORTEST_STAY
    )
    assert why_to_move(early, here=NOTHING, there=WELL) is None
    for not_yet in (
        NOTHING,
        Tally(accepted=PROBES - 1),
        Tally(accepted=PROBES, failures=1),
        Tally(accepted=PROBES, judged=PROBES, slow=3),
    ):
        assert why_to_move(ON_SECOND, here=NOTHING, there=not_yet) is None
    assert why_to_move(ON_FIRST, here=NOTHING, there=WELL) is None, "the second has no way back"


def test_what_a_person_decided_stays() -> None:
    forced = Standing(Carrier.AFRICAS_TALKING, stayed=LONG, stay=SHORTEST_STAY, forced=True)
    assert why_to_move(forced, here=Tally(failures=500), there=NOTHING) is None


def test_each_time_it_comes_again_soon_the_stay_is_longer() -> None:
    stay, stays = SHORTEST_STAY, []
    for _ in range(5):
        stay = next_stay(Standing(Carrier.AFRICAS_TALKING, stayed=timedelta(minutes=3), stay=stay))
        stays.append(stay)
    assert stays == [timedelta(minutes=20), timedelta(minutes=40)] + [LONGEST_STAY] * 3
    assert next_stay(Standing(Carrier.AFRICAS_TALKING, stayed=LONG, stay=stay)) == SHORTEST_STAY
