"""A bet whose answer was lost: the next dial tells what the ledger says, and it stays so."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy

import pytest
from flask.testing import FlaskClient
from redis import Redis

from core.money import kes
from core.players.account import choose_language
from core.text import Language
from tests.phone import ROUTE, Phone, ViaTestClient
from tests.world import PIN, World
from ussd.sessions import Sessions

REFERENCE = re.compile(r"Ref (\w+)")
PLACED, NOT_PLACED = "Your last bet was placed. Ref ", "Your last bet was not placed."


@pytest.fixture
def phone_of(client: FlaskClient) -> Callable[[str], Phone]:
    """Africa's Talking's phones: these tests lose its answers and send its notices."""
    return lambda number: Phone(ViaTestClient(client), number)


@pytest.fixture
def bettor(world: World, phone: Phone) -> Phone:
    """A caller one PIN away from a bet of 100."""
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    return phone.dial().choose("Bet").choose("Gor").choose("YES").type("100")


@contextmanager
def process_dies(world: World, redis: Redis, phone: Phone, keys: str) -> Iterator[Phone]:
    """What is done inside, by the process that got these keys, never comes to be known.

    Redis is left as that process leaves it: the hop begun, the session as it was before.
    """
    text = f"{phone.form['text']}*{keys}"
    caller = world.pepper.mac("caller", phone.number).hex()[:32]
    Sessions(redis).begin(caller, phone.form["sessionId"])
    redis.delete(*redis.scan_iter("ussd:*:hold:*"))
    left = {key: redis.get(key) for key in redis.scan_iter("ussd:*")}
    late = copy(phone)
    late.form = {**phone.form, "text": text}
    yield late
    redis.delete(*redis.scan_iter("ussd:*"))
    for key, value in left.items():
        assert value is not None
        redis.set(key, value)


def reference_on(phone: Phone) -> str:
    found = REFERENCE.search(phone.screen)
    assert found, phone.screen
    return found[1]


def notice(client: FlaskClient, phone: Phone, status: str) -> None:
    form = {**phone.form, "status": status, "input": phone.form["text"]}
    assert client.post(f"{ROUTE}/events", data=form).status_code == 200


def test_committed_and_never_told_the_bet_is_told_with_its_reference(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        reference = reference_on(late.repeats().shows("Bet placed"))
    bettor.dial().shows(f"{PLACED}{reference}.").shows("1. Bet").lacks("Continue")
    # Not yet answered, so it is told again, also when the page is reached by a shortcut.
    bettor.dial().shows(f"{PLACED}{reference}.")
    bettor.dial("*384*2030*2#").shows(f"{PLACED}{reference}.").shows("Deposit how much?")
    bettor.type("0")
    bettor.dial().lacks("last bet").shows("1. Bet")
    assert world.wallet(bettor.number) == kes(400)


def test_begun_and_never_done_the_bet_is_not_placed_and_never_will_be(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        pass
    bettor.dial().shows(NOT_PLACED).shows("Continue: bet KES 100 on YES")
    late.repeats().lacks("Bet placed").shows(NOT_PLACED)
    assert world.wallet(bettor.number) == kes(500)
    assert world.count("bet") == 0
    bettor.choose("Continue").type(PIN).shows("Bet placed")
    late.repeats().lacks("Bet placed")
    assert world.wallet(bettor.number) == kes(400)


def test_a_call_that_was_given_up_places_no_bet_any_more(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        pass
    bettor.dial().shows(NOT_PLACED)
    late.repeats().shows(NOT_PLACED).choose("Bet").choose("Gor").choose("YES").type("100")
    late.type(PIN).shows(NOT_PLACED)
    assert world.wallet(bettor.number) == kes(500)
    bettor.choose("Continue").type(PIN).shows("Bet placed")
    assert world.wallet(bettor.number) == kes(400)


def test_a_repeat_after_the_process_died_places_the_bet_if_nobody_was_told_otherwise(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN) as late:
        pass
    reference = reference_on(late.repeats().shows("Bet placed"))
    bettor.dial().shows(f"{PLACED}{reference}.")
    assert world.wallet(bettor.number) == kes(400)


def test_what_was_told_of_a_lost_answer_is_told_again_until_something_is_typed(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN):
        pass
    bettor.dial().shows(NOT_PLACED)
    bettor.dial().shows(NOT_PLACED).choose("Start again")
    bettor.dial().lacks("last bet")
    assert world.count("bet") == 0


def test_a_wrong_pin_that_was_lost_places_nothing(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, "9999") as late:
        late.repeats().shows("Wrong PIN")
    bettor.dial().shows(NOT_PLACED).choose("Continue").type(PIN).shows("Bet placed")


def test_an_answer_that_moves_no_money_leaves_no_question(
    world: World, phone: Phone, redis_client: Redis
) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor").choose("YES")
    with process_dies(world, redis_client, phone, "100"):
        pass
    phone.dial().lacks("last bet").shows("Continue: bet on YES")


def test_a_hop_out_of_step_does_not_hide_the_one_that_was_lost(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN):
        pass
    known = dict(bettor.form)
    bettor.form["text"] = "9" * len(f"{known['text']}*{PIN}")
    bettor.repeats().shows("Please dial again")
    bettor.dial().shows(NOT_PLACED)


def test_a_repeat_of_the_page_before_does_not_hide_the_hop_that_was_lost(
    world: World, bettor: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, bettor, PIN):
        pass
    bettor.repeats().shows("Enter PIN to bet")
    bettor.dial().shows(NOT_PLACED)


@pytest.mark.parametrize("status", ["Failed", "Incomplete", None])
def test_a_receipt_that_may_not_have_been_seen_is_told_again(
    bettor: Phone, client: FlaskClient, status: str | None
) -> None:
    reference = reference_on(bettor.type(PIN).shows("Bet placed"))
    if status:
        notice(client, bettor, status)
    bettor.dial().shows(f"{PLACED}{reference}.").shows("1. Bet")


def test_a_receipt_that_was_seen_is_not_told_again(bettor: Phone, client: FlaskClient) -> None:
    notice(client, bettor.type(PIN).shows("Bet placed"), "Success")
    bettor.dial().lacks("last bet").shows("1. Bet")


def test_a_notice_about_a_call_that_is_not_over_forgets_nothing(
    bettor: Phone, client: FlaskClient
) -> None:
    notice(client, bettor, "Success")
    bettor.dial().shows("Continue: bet KES 100 on YES")


def test_another_phones_notice_about_this_session_is_not_believed(
    bettor: Phone, client: FlaskClient
) -> None:
    bettor.type(PIN).shows("Bet placed")
    form = {**bettor.form, "phoneNumber": "+254700000002", "status": "Success"}
    assert client.post(f"{ROUTE}/events", data=form).status_code == 200
    bettor.dial().shows(PLACED)


def test_a_notice_about_an_older_session_forgets_nothing(
    bettor: Phone, client: FlaskClient
) -> None:
    older = dict(bettor.form)
    bettor.dial().choose("Continue").type(PIN).shows("Bet placed")
    bettor.form, newest = older, bettor.form
    notice(client, bettor, "Success")
    bettor.form = newest
    bettor.dial().shows(PLACED)


def test_what_is_told_is_told_in_the_language_of_now(world: World, bettor: Phone) -> None:
    reference = reference_on(bettor.type(PIN).shows("Bet placed"))
    player = world.player(bettor.number)
    with world.database.begin() as connection:
        choose_language(connection, player_id=player.id, language=Language.SWAHILI)
    bettor.dial().shows(reference).shows("Dau lako la mwisho").lacks("Your last bet")
