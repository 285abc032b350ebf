"""Bets placed from a phone, told as the caller lives them."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.config.rules import Dated
from core.markets.rules import PayoutRule, Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.phone import Phone
from tests.world import PIN, World
from ussd.screens.bets import MOST_SHOWN

ONE, OTHER = "+254700000001", "+254700000002"


def test_a_player_bets_from_the_main_menu(world: World, phone: Phone) -> None:
    derby = world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))

    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("200")
    phone.shows("KES 200 on YES").shows("Will Gor Mahia win on Sunday?").shows("KES 200 if YES")
    phone.type(PIN).shows("Bet placed. Ref ").shows("Balance KES 300").has_hung_up()

    assert world.wallet(phone.number) == kes(300)
    assert world.pool(derby, "yes") == kes(200)


def test_the_return_counts_this_stake_the_fee_and_the_pool(
    world: World, phone_of: Callable[[str], Phone]
) -> None:
    world.has_market(label="Gor Mahia wins")
    for number in (ONE, OTHER):
        world.has_player(number, balance=kes(1000))
    other = phone_of(OTHER).dial().choose("Bet").choose("Gor Mahia").choose("NO")
    other.type("300").type(PIN).shows("Bet placed")

    # Pool 300 + 100, fee 40, all of the rest to the only winner; and 400 - 30 - ... for NO.
    phone = phone_of(ONE).dial().choose("Bet").choose("Gor Mahia")
    phone.shows("1. YES: 100 pays about 360").shows("2. NO: 100 pays about 100")
    phone.choose("YES").type("100").shows("About KES 360 if YES")


def test_an_equal_market_promises_no_amount(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins", payout_rule=PayoutRule.EQUAL)
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor Mahia").shows("1. YES: equal shares")
    phone.choose("YES").type("200").shows("If YES: depends on the number of winners")


def test_a_player_short_of_money_is_offered_the_exact_top_up(world: World, phone: Phone) -> None:
    market = world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(50))

    phone.dial().choose("Bet").choose("Gor Mahia").choose("NO").type("200").type(PIN)
    phone.shows("You need KES 150 more. No money was taken.").choose("Deposit KES 150")
    phone.shows("M-Pesa prompt").has_hung_up()
    assert world.pool(market, "no") == kes(0)
    assert world.count("deposit") == 1


def test_a_market_that_closes_mid_call_takes_no_bet(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins", closes_in=timedelta(minutes=5))
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("200")
    world.moves(minutes=5)
    phone.type(PIN).shows("takes no bets now. No money was taken.").lacks("How much")
    phone.type("0").shows("2. Deposit")
    assert world.wallet(phone.number) == kes(500)


def test_a_limit_that_begins_to_count_mid_call_holds_for_the_bet(
    world: World, phone: Phone
) -> None:
    market = world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    world.agrees_on(Dated.STAKE_MIN_KES, 150, counts_in=timedelta(minutes=2))
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").shows("KES 20 to KES 20,000")
    phone.type("100").shows("KES 100 on YES")
    world.moves(minutes=2)
    phone.type(PIN).shows("Bet from KES 150 to KES 20,000. No money was taken.\nHow much on YES?")
    assert phone.screen.count("Bet from") == 1
    assert world.pool(market, "yes") == kes(0)
    phone.type("149").shows("Bet from KES 150 to KES 20,000. No money was taken.\nHow much on YES?")
    phone.type("150").type(PIN).shows("Bet placed")


def test_a_bet_to_go_on_with_is_held_to_the_limits_of_now(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    world.agrees_on(Dated.STAKE_MIN_KES, 150, counts_in=timedelta(minutes=2))
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("100")
    world.moves(minutes=2)
    phone.dial().choose("Continue: bet KES 100")
    phone.shows("Bet from KES 150 to KES 20,000. No money was taken.").lacks("Enter PIN")
    phone.type("0").shows("Gor Mahia")


def test_pressing_one_means_what_the_caller_read_as_one(world: World, phone: Phone) -> None:
    world.has_market("Will it rain?", label="Rain", closes_in=timedelta(days=2))
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").shows("1. Rain")
    world.has_market("Will it snow?", label="Snow", closes_in=timedelta(days=1))
    phone.type("1").shows("Will it rain?")


def test_a_markets_number_opens_it(world: World, phone: Phone) -> None:
    world.has_market("Will it rain?", label="Rain")
    snow = world.has_market("Will it snow?", label="Snow")
    world.has_player(phone.number)
    phone.dial().choose("Bet").type(str(snow)).shows("Will it snow?")
    phone.type("0").shows("1. Rain")
    phone.type("999").shows("There is no market with that number").shows("1. Rain")
    phone.type("99999999999999999999").shows("Choose from the list")
    phone.type("nonsense").shows("Choose from the list")


def test_more_than_five_markets_turn_pages_and_more_than_eight_get_categories(
    world: World, phone: Phone
) -> None:
    world.has_player(phone.number)
    for number in range(1, 9):
        category = "Football" if number % 2 else "Weather"
        world.has_market(f"Question number {number}?", label=f"Number {number}", category=category)
    phone.dial().choose("Bet").shows("5. Number 5").shows("99. More").lacks("Number 6")
    phone.type("99").shows("1. Number 6").lacks("99.").type("0").shows("1. Number 1")
    phone.choose("Number 7").shows("Question number 7?")

    world.has_market("Question number 9?", label="Number 9", category="Football")
    phone.dial().choose("Bet").choose("Football (5)").shows("5. Number 9").lacks("Number 2")
    phone.dial().choose("Bet").type("102").shows("Question number 2?")


@pytest.mark.parametrize("stake", ["lots", "0.5", "-5", "19", "20001", "1e3"])
def test_a_stake_that_is_none_keeps_the_question(world: World, phone: Phone, stake: str) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor").choose("YES").type(stake)
    phone.shows("How much on YES?").type("20").shows("Enter PIN to bet")


def test_a_wrong_pin_has_its_own_page_and_takes_no_money(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor").choose("YES").type("100")
    phone.type("9999").shows("Wrong PIN. No money was taken.").shows("2. Forgot PIN")
    phone.choose("Try again").shows("KES 100 on YES").type(PIN).shows("Bet placed")
    assert world.wallet(phone.number) == kes(400)


def test_an_unverified_number_is_led_to_the_code(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500), verified=False)
    phone.dial().type("00").choose("Bet").choose("Gor")
    phone.shows("Verify your number first").shows("the 6-digit code")
    assert world.wallet(phone.number) == kes(500)


def test_my_bets_tell_what_is_open_and_what_came_of_it(world: World, phone: Phone) -> None:
    market = world.has_market("Will it rain?", label="Rain")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("100").type(PIN)
    phone.dial().choose("My bets").shows("Enter your PIN").type(PIN).shows("Rain YES 100")
    phone.choose("Rain").shows("Will it rain?").shows("KES 100 on YES. Open.")

    world.settles(market, "yes")
    phone.dial().choose("My bets").type(PIN).choose("Rain").shows("One-sided, stake returned.")


def test_a_player_on_a_break_bets_nothing(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins", closes_in=timedelta(days=9))
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("My account").choose("Limits and breaks").choose("Take a break")
    phone.choose("24 hours").shows("cannot be ended early").choose("Start the break")
    phone.shows("Your break lasts until").has_hung_up()
    phone.dial().choose("Bet").choose("Gor").shows("on a break until").shows("2. Deposit")
    phone.choose("Deposit").shows("on a break until").shows("No money was taken")
    world.moves(hours=24, seconds=1)
    phone.dial().choose("Bet").choose("Gor").choose("YES").type("100").type(PIN)
    phone.shows("Bet placed")


def test_a_list_that_leaves_bets_out_says_so(world: World, phone: Phone) -> None:
    market = world.has_market(label="Rain")
    player = world.has_player(phone.number, balance=kes(5000))
    bookmaker = Bookmaker(world)
    for _bet in range(MOST_SHOWN - 1):
        bookmaker.bets(player.phone, market, Side.YES, 20)
    phone.dial().choose("My bets").type(PIN).lacks("last")
    bookmaker.bets(player.phone, market, Side.YES, 20)
    phone.dial().choose("My bets").type(PIN).shows("My last 50 bets")
