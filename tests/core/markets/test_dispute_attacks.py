"""Disputes attacked with SQL: nobody's, late, ruled by the wrong person, or ignored."""

from datetime import timedelta

import pytest

from core.markets.rules import Outcome, Ruling, Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.intruder import CHECKED, GUARDED, TWO_PEOPLE, attacks, says
from tests.core.markets.life import disputes, rules, third_admin
from tests.world import ASHA, BARAKA, World

WANJIRU, OTIENO, GAMBLER = "+254700000001", "+254700000002", "gambler@kibeezy.test"
HOUR = timedelta(hours=1)
RESOLVED = {"status": "settling", "outcome": "yes", "resolved_by": BARAKA}
RAISED = (
    "INSERT INTO dispute (market_id, proposed_at, player_id) SELECT id, {at}, {who} FROM market"
)
RULED = (
    "UPDATE dispute SET ruling = '{ruling}', ruled_at = kibeezy_now(), reason = 'x',"
    " ruled_by = (SELECT id FROM admin WHERE email = '{by}')"
)
OTHER = f"(SELECT id FROM player WHERE phone = '{OTIENO}')"
OWN = f"(SELECT id FROM player WHERE phone = '{WANJIRU}')"


def test_a_window_or_a_dispute_holds_the_resolution_up(world: World, bookmaker: Bookmaker) -> None:
    market_id = _proposed_with_a_bet(world, bookmaker)
    assert says(world, market_id, RESOLVED) == GUARDED
    disputes(world, market_id, WANJIRU)
    world.moves(hours=1)
    assert says(world, market_id, RESOLVED) == GUARDED
    zawadi = third_admin(world)
    rules(world, market_id, Ruling.DISMISSED, by=zawadi)
    assert says(world, market_id, RESOLVED | {"resolved_by": zawadi.email}) == GUARDED
    assert says(world, market_id, RESOLVED) is None


@pytest.mark.parametrize(
    ("statement", "state"),
    [
        (RAISED.format(at="proposed_at", who=OTHER), GUARDED),
        (RAISED.format(at="proposed_at - interval '1 day'", who=OWN), GUARDED),
        (RAISED.format(at="proposed_at", who=OWN), "23505"),
        ("INSERT INTO dispute (ruling) VALUES ('dismissed')", "42501"),
        ("UPDATE dispute SET player_id = player_id + 1", "42501"),
        ("DELETE FROM dispute", "42501"),
        (RULED.format(ruling="dismissed", by=ASHA), TWO_PEOPLE),
        (RULED.format(ruling="dismissed", by=GAMBLER), TWO_PEOPLE),
        ("UPDATE dispute SET ruling = 'dismissed'", CHECKED),
        (RULED.format(ruling="maybe", by=BARAKA), CHECKED),
        (RULED.format(ruling="dismissed", by=BARAKA), None),
    ],
)
def test_who_disputes_and_who_rules(
    world: World, bookmaker: Bookmaker, statement: str, state: str | None
) -> None:
    world.has_player(OTIENO)
    world.has_admin(GAMBLER, phone=WANJIRU)
    market_id = _proposed_with_a_bet(world, bookmaker)
    disputes(world, market_id, WANJIRU)
    assert attacks(world, statement) == state


def test_a_ruling_is_given_once_and_a_dispute_comes_in_time(
    world: World, bookmaker: Bookmaker
) -> None:
    world.has_player(OTIENO, balance=kes(100))
    market_id = _proposed_with_a_bet(world, bookmaker, others=[OTIENO])
    disputes(world, market_id, WANJIRU)
    rules(world, market_id, Ruling.DISMISSED, by=third_admin(world))
    assert attacks(world, RULED.format(ruling="upheld", by=BARAKA)) == TWO_PEOPLE
    late = RAISED.format(at="proposed_at", who=OTHER)
    assert attacks(world, late) is None
    world.moves(hours=1)
    assert attacks(world, late) == GUARDED


def test_what_was_taken_back_is_not_disputed_any_more(world: World, bookmaker: Bookmaker) -> None:
    world.has_player(OTIENO, balance=kes(100))
    market_id = _proposed_with_a_bet(world, bookmaker, others=[OTIENO])
    disputes(world, market_id, WANJIRU)
    rules(world, market_id, Ruling.UPHELD, by=third_admin(world))
    assert attacks(world, RAISED.format(at="proposed_at", who=OTHER)) == GUARDED


def _proposed_with_a_bet(
    world: World, bookmaker: Bookmaker, *, others: list[str] | None = None
) -> int:
    world.has_player(WANJIRU, balance=kes(100))
    market_id = world.has_market()
    for phone in [WANJIRU, *(others or [])]:
        bookmaker.bets(phone, market_id, Side.NO, 100)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES, window=HOUR)
    return market_id
