"""A stranger becomes a player."""

import re
import threading

import pytest

from core.errors import Refused
from core.players.records import Status
from core.players.verify_phone import verify_phone
from tests.phone import Phone
from tests.ussd.conftest import Network
from tests.world import PIN, World


def register(phone: Phone, name: str = "Wanjiru Kamau", pin: str = PIN) -> Phone:
    phone.dial().shows("Welcome to Kibeezy").choose("Register")
    phone.shows("full name").type(name)
    phone.shows("Are you 18 or older?").choose("Yes")
    phone.shows("Choose a 4-digit PIN").type(pin)
    return phone.shows("Enter the PIN again").type(pin).shows("the 6-digit code")


def test_a_stranger_registers_and_proves_the_number(
    world: World, phone: Phone, network: Network
) -> None:
    register(phone)
    assert world.player(phone.number).status is Status.UNVERIFIED

    phone.type(network.code(phone.number)).shows("Your number is verified").shows("1. Bet")

    player = world.player(phone.number)
    assert player.status is Status.ACTIVE
    assert player.kyc_verified_at is not None
    assert player.full_name == "Wanjiru Kamau"


def test_the_code_page_may_be_left_and_is_asked_first_next_time(
    world: World, phone: Phone, network: Network
) -> None:
    register(phone)
    code = network.code(phone.number)
    phone.dial().shows("the 6-digit code").type("00").shows("1. Bet")
    phone.dial().type(code).shows("Your number is verified")
    phone.dial().shows("1. Bet")
    assert world.player(phone.number).status is Status.ACTIVE


def test_a_child_is_turned_away(world: World, phone: Phone) -> None:
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("No").has_hung_up()
    phone.dial().shows("Welcome to Kibeezy")
    assert world.count("player") == 0


@pytest.mark.parametrize("pin", ["1111", "1234", "4321", "0123", "1990", "2026", "0000"])
def test_a_pin_that_a_thief_would_try_is_refused(phone: Phone, pin: str) -> None:
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes")
    phone.type(pin).shows("too easy").shows("Choose a 4-digit PIN")


def test_the_phones_own_digits_are_no_pin(world: World, phone: Phone) -> None:
    phone.number = "+254712398645"
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes")
    phone.type("8645").shows("too easy")
    assert world.count("player") == 0


def test_two_pins_that_differ_start_the_choice_again(phone: Phone) -> None:
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes").type(PIN)
    phone.type("7391").shows("differ").shows("Choose a 4-digit PIN")
    phone.type(PIN).type(PIN).shows("the 6-digit code")


@pytest.mark.parametrize("name", ["X", "12345", "Wanjiru 🙂", "x" * 41, "--", "*1"])
def test_nonsense_is_no_name(phone: Phone, name: str) -> None:
    phone.dial().choose("Register").type(name).lacks("18 or older")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Wanjir\u0169  Kamau", "Wanjiru Kamau"),
        ("\u00dcnal M\u00fcller", "Unal Muller"),
        ("Mc.Donald Jr.", "Mc.Donald Jr."),
        ("Ng\u2019ang\u2019a wa Thiong'o", "Ng'ang'a wa Thiong'o"),
    ],
)
def test_a_name_is_kept_in_letters_that_every_phone_has(
    world: World, phone: Phone, typed: str, kept: str
) -> None:
    register(phone, name=typed)
    assert world.player(phone.number).full_name == kept


def test_three_wrong_codes_lock_even_the_right_one(
    world: World, phone: Phone, network: Network
) -> None:
    register(phone)
    code = network.code(phone.number)
    wrong = "000000" if code != "000000" else "000001"
    phone.type(wrong).shows("Tries left: 2").type(wrong).shows("Tries left: 1")
    phone.type(wrong).shows("Too many wrong codes")
    phone.dial().type(code).shows("Too many wrong codes")
    assert world.player(phone.number).status is Status.UNVERIFIED

    world.moves(minutes=31)
    phone.dial().choose("Send again").shows("on its way").type(network.code(phone.number))
    phone.shows("Your number is verified")


def test_a_code_that_begins_with_noughts_is_a_code(phone: Phone, network: Network) -> None:
    register(phone)
    assert network.code(phone.number)
    phone.type("000123").shows("Wrong code").type("00001").shows("The code is 6 digits")


def test_ten_codes_guessed_at_once_are_three_tries(
    world: World, phone: Phone, network: Network
) -> None:
    register(phone)
    assert network.code(phone.number)
    player = world.player(phone.number)
    start = threading.Barrier(10)
    heard: list[str] = []

    def guess(number: int) -> None:
        start.wait()
        try:
            verify_phone(
                world.database,
                player_id=player.id,
                typed=f"{number:06}",
                pepper=world.pepper,
            )
        except Refused as refusal:
            heard.append(type(refusal).__name__)

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(heard) == ["CodeLocked"] * 8 + ["WrongCode"] * 2


def test_a_code_dies_after_ten_minutes(world: World, phone: Phone, network: Network) -> None:
    register(phone)
    code = network.code(phone.number)
    world.moves(minutes=10, seconds=1)
    phone.dial().type(code).shows("expired")


def test_a_new_code_kills_the_one_before_and_is_not_sent_within_a_minute(
    world: World, phone: Phone, network: Network
) -> None:
    register(phone)
    first = network.code(phone.number)
    phone.choose("Send again").shows("Wait a minute")
    world.moves(seconds=61)
    phone.dial().choose("Send again").shows("on its way")
    second = network.code(phone.number)
    assert len(network.inbox(phone.number)) == 2
    if first != second:
        phone.type(first).shows("Wrong code")
    phone.dial().type(second).shows("Your number is verified")


def test_five_codes_a_day_are_enough(world: World, phone: Phone, network: Network) -> None:
    register(phone)
    for _again in range(4):
        world.moves(seconds=61)
        phone.dial().choose("Send again").shows("on its way")
    world.moves(seconds=61)
    phone.dial().choose("Send again").shows("No more codes today")
    world.moves(days=1)
    phone.dial().choose("Send again").shows("on its way")
    assert network.inbox(phone.number)


def test_a_newcomer_may_choose_swahili_first(world: World, phone: Phone) -> None:
    phone.dial().choose("Kiswahili").lacks("Register")
    phone.type("1").type("Wanjiru Kamau").type("1").type(PIN).type(PIN)
    assert world.player(phone.number).language == "sw"


def test_nothing_of_pin_or_code_stays_behind(
    world: World, phone: Phone, network: Network, capfd: pytest.CaptureFixture[str]
) -> None:
    register(phone)
    code = network.code(phone.number)
    phone.type(code).choose("My account").choose("Change PIN").type(PIN).type("5937").type("5937")

    kept = [*world.everything_stored(), *network.everything_cached()]
    out, err = capfd.readouterr()
    for secret in (PIN, "5937", code):
        alone = re.compile(rf"(?<![0-9a-f.:]){secret}(?![0-9a-f])")
        assert not alone.search(out + err)
        assert [value for value in kept if alone.search(value)] == []
