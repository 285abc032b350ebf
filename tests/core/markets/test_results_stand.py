"""What was proposed is what is resolved, and a correction is decided by people only."""

from core.markets.rules import Outcome
from core.money import kes
from tests.core.markets.bookmaker import NO_WINDOW, Bookmaker
from tests.core.markets.intruder import GUARDED, says
from tests.core.markets.test_transitions import BY_SYSTEM, CORRECTED, UPHELD, WANJIRU, S, proposed
from tests.world import BARAKA, World


def test_no_window_is_put_where_nothing_isproposed(world: World, bookmaker: Bookmaker) -> None:
    market_id = world.has_market()
    bookmaker.closes(market_id)
    window = {
        "proposed_at": "2026-01-01T00:00+00:00",
        "challenge_ends_at": "2026-01-02T00:00+00:00",
    }
    assert says(world, market_id, window) == GUARDED
    assert says(world, market_id, {"version": 2}) == GUARDED, "nor a number of results"


def test_what_was_proposed_is_what_is_resolved(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(WANJIRU, balance=kes(1_000))
    resolved = {"status": S.SETTLING, "outcome": "void", "resolved_by": BARAKA}
    void = proposed(world, bookmaker, Outcome.VOID, window=NO_WINDOW)
    assert says(world, void, resolved) == GUARDED, "a void is no settlement"
    yes = proposed(world, bookmaker, Outcome.YES, window=NO_WINDOW)
    resolved["outcome"] = "yes"
    late = {"late_from": "2026-01-01T00:00+00:00"}
    assert says(world, yes, resolved | late) == GUARDED, "nor are bets late that were not"
    assert says(world, yes, resolved) is None


def test_a_correction_goes_back_to_the_result_and_the_system_voids_none(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(WANJIRU, balance=kes(1_000))
    market_id = proposed(world, bookmaker, Outcome.YES, window=NO_WINDOW)
    bookmaker.resolves(market_id)
    bookmaker.pays(market_id)
    first = (CORRECTED + UPHELD).format(id=market_id)
    assert says(world, market_id, {"status": S.CLOSED}, first=first) == GUARDED
    bookmaker.corrects(market_id, Outcome.NO)
    world.moves(hours=1_000)
    assert says(world, market_id, {"status": S.VOIDING, **BY_SYSTEM}) == GUARDED
