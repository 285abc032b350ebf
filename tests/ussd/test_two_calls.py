"""Two calls of one phone at a time: what one is told stays true whatever the other still does."""

from collections.abc import Callable
from copy import copy

import pytest
from redis import Redis

from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.phone import AFRICAS_TALKING, Phone
from tests.ussd.test_lost_answers import NOT_PLACED, PLACED, bettor, process_dies
from tests.world import PIN, World

__all__ = ["bettor"]
pytestmark = pytest.mark.parametrize("provider", [AFRICAS_TALKING], indirect=True)
OTHER = "+254700000002"


def on_its_way(phone: Phone) -> Phone:
    """The PIN that was typed and has not reached us yet."""
    late = copy(phone)
    late.form = {**phone.form, "text": f"{phone.form['text']}*{PIN}"}
    return late


def test_a_pin_on_its_way_places_nothing_once_the_caller_dialled_again(
    world: World, bettor: Phone
) -> None:
    late = on_its_way(bettor)
    bettor.dial().lacks("last bet").choose("Continue: bet KES 100 on YES").type(PIN)
    bettor.shows("Bet placed")
    late.repeats().shows(NOT_PLACED)
    assert (world.count("bet"), world.wallet(bettor.number)) == (1, kes(400))


def test_a_bet_that_was_placed_behind_the_callers_back_is_told_and_not_offered(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        late.repeats().shows("Bet placed")
    for _dial in range(2):
        second = copy(bettor.dial().shows(PLACED).lacks("Continue"))
        # What is typed in the second call never reaches its end either.
        with process_dies(world, redis_client, second, "5"):
            pass
    assert world.wallet(bettor.number) == kes(400)


@pytest.mark.parametrize("digits", ["1*101", "1*101*1"])
def test_a_shortcut_that_is_refused_does_not_swallow_the_answer(
    world: World, bettor: Phone, redis_client: Redis, digits: str
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        late.repeats().shows("Bet placed")
    Bookmaker(world).closes(101)
    bettor.dial(f"*384*2030*{digits}#").shows(PLACED)


def test_a_shortcut_that_is_refused_does_not_undo_what_was_told(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        pass
    bettor.dial("*384*2030*1*999*1#").shows(NOT_PLACED)
    late.repeats().lacks("Bet placed")
    assert world.wallet(bettor.number) == kes(500)


@pytest.mark.parametrize("text", ["1", "1*1", "1*1*1*100*4826*1", "1*1*1*100*4827"])
def test_out_of_step_after_a_bet_nothing_is_said_about_money(bettor: Phone, text: str) -> None:
    bettor.type(PIN).shows("Bet placed")
    bettor.form["text"] = text
    bettor.repeats().lacks("No money was taken").shows("An SMS confirms each bet").has_hung_up()


def test_out_of_step_while_a_bet_is_unanswered_nothing_is_said_about_money(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN):
        pass
    bettor.form["text"] = "1*1"
    bettor.repeats().lacks("No money was taken").shows("An SMS confirms each bet")


def test_a_session_id_that_two_phones_share_tells_neither_of_the_others_bet(
    world: World, bettor: Phone, phone_of: Callable[[str], Phone]
) -> None:
    world.has_player(OTHER, balance=kes(500))
    other = phone_of(OTHER).dial()
    other.form["sessionId"] = bettor.form["sessionId"]
    other.repeats().choose("Bet").choose("Gor").choose("YES").type("100").shows("Enter PIN")
    bettor.type(PIN).shows("Bet placed")
    other.type(PIN).lacks("Bet placed").has_hung_up()
    other.dial().lacks("was placed")
    assert world.wallet(OTHER) == kes(500)


def test_a_call_that_was_left_for_another_has_nothing_more_to_say(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    old = copy(bettor)
    bettor.dial().choose("Continue").shows("Enter PIN")
    old.type("0").shows("How much on YES?")
    with process_dies(world, redis_client, bettor, PIN) as late:
        late.repeats().shows("Bet placed")
    bettor.dial().shows(PLACED).lacks("Continue")
