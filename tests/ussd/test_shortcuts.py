"""Digits dialled behind the service code open the page that the same keys open, and no other."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from redis import Redis

from core.database import in_transaction
from core.markets.close_account import close_account
from core.money import kes
from core.players.account import take_break
from tests.phone import AFRICAS_TALKING, Phone
from tests.ussd.conftest import Network
from tests.world import PIN, World
from ussd.shortcuts import MARKET, SHORTCUTS

NUMBER = "+254700000001"
FIRST_WORDS = {
    "1": "Choose a market",
    "1*101": "Will Gor Mahia win on Sunday?",
    "1*101*1": "How much on YES?",
    "1*101*2": "How much on NO?",
    "2": "Deposit how much?",
    "3": "Withdraw how much?",
    "4": "Enter your PIN",
    "5": "My account",
    "5*1": "Enter your PIN",
    "5*2": "Enter your PIN",
    "5*4": "Limits and breaks",
    "5*5": "Language",
    "5*99*1": "0700000001 is verified since",
    "5*99*2": "Type the 6 letters",
    "5*99*4": "Send HELP by SMS",
}
PASSED_OVER = [
    (f"1*101*1*100*{PIN}", "How much on YES?"),
    (f"1*101*1*{PIN}", "How much on YES?"),
    (f"1*{PIN}", "There is no market with that number"),
    ("2*300", "Deposit how much?"),
    (f"4*{PIN}", "Enter your PIN"),
    (f"5*1*{PIN}", "Enter your PIN"),
    (f"5*3*{PIN}*5937*5937", "My account"),
    (f"5*99*3*{PIN}", "My account"),
    ("5*4*3*1*1", "Limits and breaks"),
    ("5*5*2", "Language"),
    ("1*1", "Choose a market"),
    ("1*1*1", "Choose a market"),
    ("1*101*3", "Will Gor Mahia win on Sunday?"),
    ("1*0101", "Choose a market"),
    ("1*rain", "Choose a market"),
    ("1*\u0661\u0660\u0661", "Choose a market"),
    ("1*101*1*🙂", "How much on YES?"),
    ("1*9999999999999", "Choose a market"),
    ("0", "Kibeezy"),
    ("00", "Kibeezy"),
    ("9*9*9", "Kibeezy"),
    ("1 ", "Kibeezy"),
    ("**", "Kibeezy"),
    (PIN, "Kibeezy"),
]
# These pass through a step that only decides where to go.
THROUGH_A_STEP = {"1*101*1", "1*101*2", "4", "5*1", "5*2"}


@pytest.fixture
def player(world: World, phone: Phone) -> Phone:
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_market("Will it rain in Kisumu?", label="Rain")
    world.has_player(phone.number, balance=kes(500))
    return phone


def dial(phone: Phone, digits: str) -> Phone:
    return phone.dial(f"*384*2030*{digits}#")


def press(phone: Phone, digits: str) -> Phone:
    phone.dial()
    for keys in digits.split("*"):
        phone.type(keys)
    return phone


def dialled_as_text(client: FlaskClient, digits: str) -> Phone:
    """Dial where the gateway puts what was dialled into the text of the first hop."""
    phone = AFRICAS_TALKING.phone(client, NUMBER)
    phone.form = {**AFRICAS_TALKING.dialect.dials("*384*2030#", NUMBER), "text": digits}
    return phone.repeats()


def way_up(phone: Phone) -> list[str]:
    """The pages that `0` leads through, up to the first."""
    pages = []
    while not phone.screen.startswith("Kibeezy"):
        pages.append(phone.type("0").screen)
        assert len(pages) < 9, pages
    return pages


def test_the_table_is_the_one_that_people_were_told() -> None:
    declared = [one.digits.replace(MARKET, "101") for one in SHORTCUTS]
    assert declared == list(FIRST_WORDS)


def test_dialled_or_pressed_the_page_is_the_same(player: Phone, client: FlaskClient) -> None:
    for digits, words in FIRST_WORDS.items():
        pressed = press(player, digits).shows(words).screen
        assert dial(player, digits).screen == pressed, digits
        player.type("00").shows("1. Bet").lacks("0. Back")
        assert dialled_as_text(client, digits).screen == pressed, digits


def test_nought_leads_up_through_the_same_pages(player: Phone) -> None:
    for digits in FIRST_WORDS.keys() - THROUGH_A_STEP:
        up = way_up(press(player, digits))
        assert way_up(dial(player, digits)) == up, digits


@pytest.mark.parametrize("digits", ["1*101*1", "5*1"])
def test_nought_leads_up_also_from_behind_a_step(player: Phone, digits: str) -> None:
    up = way_up(press(player, digits))
    assert way_up(dial(player, digits)) == up


@pytest.mark.parametrize("digits", ["1", "1*101", "2", "3", "5", "5*99*4"])
def test_what_came_of_the_last_bet_is_told_above_the_page(player: Phone, digits: str) -> None:
    dial(player, "1*101*1").type("100").type(PIN).shows("Bet placed")
    dial(player, digits).shows("Your last bet was placed. Ref ")
    if player.screen.endswith("1. Go on"):
        player.choose("Go on")
    player.shows(FIRST_WORDS[digits])


@pytest.mark.parametrize("digits", ["1*101*1", "4", "5*1"])
def test_what_came_of_the_last_bet_is_told_behind_a_step_too(player: Phone, digits: str) -> None:
    dial(player, "1*101*1").type("100").type(PIN).shows("Bet placed")
    dial(player, digits).shows("Your last bet was placed. Ref ")


def test_a_bet_goes_on_from_the_stake(world: World, player: Phone) -> None:
    dial(player, "1*101*2").type("100").shows("KES 100 on NO: Will Gor").type(PIN)
    player.shows("Bet placed")
    assert world.wallet(player.number) == kes(400)


def test_no_page_past_a_declared_one_and_nothing_done(
    world: World, player: Phone, client: FlaskClient
) -> None:
    for digits, opens in PASSED_OVER:
        dial(player, digits).shows(opens)
        assert dialled_as_text(client, digits).screen == player.screen, digits
    assert world.wallet(player.number) == kes(500)
    assert world.count("bet") == world.count("deposit") == 0
    assert world.player(player.number).language == "en"


def test_nothing_that_was_dialled_is_kept(
    world: World,
    player: Phone,
    client: FlaskClient,
    network: Network,
    capfd: pytest.CaptureFixture[str],
) -> None:
    for digits in (f"1*101*1*100*{PIN}", f"4*{PIN}", f"5*1*{PIN}", PIN, "5*3*q7canary"):
        dial(player, digits)
        dialled_as_text(client, digits)
    kept = [*world.everything_stored(), *network.everything_cached()]
    told = capfd.readouterr()
    canary = re.compile(rf"(?<![0-9a-f.:])({PIN}|q7canary)(?![0-9a-f])")
    assert [value for value in (*kept, told.out, told.err) if canary.search(value)] == []


def test_a_number_we_do_not_know_is_welcomed(phone: Phone) -> None:
    for digits in FIRST_WORDS:
        dial(phone, digits).shows("Welcome to Kibeezy").shows("1. Register")


@pytest.mark.parametrize("digits", ["1", "1*101", "1*101*2", "2", "5*1"])
def test_a_number_that_is_not_verified_is_asked_for_its_code_and_then_led_on(
    world: World, phone: Phone, network: Network, digits: str
) -> None:
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, verified=False)
    world.moves(seconds=61)
    dial(phone, digits).shows("the 6-digit code").choose("Send again")
    phone.type(network.code(phone.number)).shows(FIRST_WORDS[digits])


def test_a_player_on_a_break_is_told_until_when(world: World, player: Phone) -> None:
    who = world.player(player.number).id
    in_transaction(world.database, lambda c: take_break(c, player_id=who, length=timedelta(days=1)))
    for digits in ("1*101", "1*101*1", "1*101*2", "2"):
        dial(player, digits).shows("on a break until").shows("No money was taken").shows("1. Bet")


def test_a_locked_account_plays_by_no_shortcut(world: World, player: Phone) -> None:
    with world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE player SET locked_at = kibeezy_now()")
    for digits in ("1*101", "1*101*1", "1*101*2", "2"):
        dial(player, digits).shows("account is locked").has_hung_up()


def test_a_locked_pin_is_locked_here_too(player: Phone) -> None:
    dial(player, "4").type("9999").choose("Try again").type("9999").choose("Try again")
    player.type("9999").shows("PIN locked")
    for digits in ("4", "5*1", "5*2"):
        dial(player, digits).type(PIN).shows("PIN locked").lacks("KES")


def test_a_closed_account_stays_closed(world: World, phone: Phone) -> None:
    player_id = world.has_player(phone.number).id
    in_transaction(world.database, lambda c: close_account(c, player_id=player_id))
    for digits in FIRST_WORDS:
        dial(phone, digits).shows("account is closed").has_hung_up()


def test_a_market_that_there_is_not(player: Phone) -> None:
    dial(player, "1*999").shows("There is no market with that number").shows("1. Gor Mahia wins")
    for digits in ("1*999*1", "1*999*2"):
        dial(player, digits).shows("There is no market with that number").shows("1. Bet")


def test_a_market_that_has_closed(world: World, player: Phone) -> None:
    world.settles(101, "yes")
    for digits in ("1*101", "1*101*1", "1*101*2"):
        dial(player, digits).shows("takes no bets now. No money was taken.").shows("1. Rain")
        player.lacks("Gor Mahia wins")


def test_a_shortcut_is_followed_while_something_waits_to_be_gone_on_with(
    player: Phone,
) -> None:
    player.dial().choose("Bet").choose("Gor").choose("YES").type("100")
    dial(player, "5").shows("My account").lacks("Continue")
    player.dial().shows("Continue: bet KES 100 on YES")
    dial(player, "5").type("0")
    player.dial().lacks("Continue").shows("1. Bet")


def test_what_was_cut_off_after_a_shortcut_is_offered(player: Phone) -> None:
    dial(player, "1*101*1")
    player.dial().lacks("Continue")
    dial(player, "1*101*1").type("100").shows("Enter PIN to bet")
    player.dial().shows("Continue: bet KES 100 on YES")


def test_a_session_that_redis_lost_goes_on_at_a_declared_page_with_nothing_done(
    world: World, client: FlaskClient, redis_client: Redis
) -> None:
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(NUMBER, balance=kes(500))
    phone = press(AFRICAS_TALKING.phone(client, NUMBER), "1*101*1*100").shows("Enter PIN to bet")
    redis_client.flushdb()
    phone.type(PIN).shows("How much on YES?")
    assert world.wallet(NUMBER) == kes(500)
    # What is typed now follows the text that was passed over.
    phone.type("50").shows("KES 50 on YES").type(PIN).shows("Bet placed")
    assert world.wallet(NUMBER) == kes(450)


def test_another_service_code_opens_nothing(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    for code in ("*384*2031*1#", "*384*20301#", "*384*1#", "*999#"):
        phone.dial(code).lacks("Choose a market").has_hung_up()


def test_the_shortcuts_of_two_phones_are_each_their_own(
    world: World, player: Phone, phone_of: Callable[[str], Phone]
) -> None:
    other = world.has_player("+254700000002", balance=kes(300)).phone
    dial(player, "1*101*1").type("100")
    dial(phone_of(other), "5*1").type(PIN).shows("Your balance is KES 300")
    player.type(PIN).shows("Balance KES 400")
