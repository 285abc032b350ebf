"""Limits and breaks, 4: who has the phone in hand bets by SMS without a PIN."""

from core.config.rules import Dated
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.phone import Phone
from tests.world import PIN, World


def at_bets_by_sms(phone: Phone) -> Phone:
    return phone.dial().choose("My account").choose("Limits").choose("Bets by SMS")


def test_everybody_s_limit_is_one_s_own_until_another_is_set(world: World, phone: Phone) -> None:
    world.has_player()
    at_bets_by_sms(phone).shows("Bets by SMS need no PIN. Now: KES 1,000 a day.")
    phone.choose("Change the limit").shows("Bets by SMS, daily now: KES 1,000. Type the new limit.")
    phone.type("300").shows("KES 300 counts from now.").shows("Now: KES 300 a day.")
    phone.choose("Change").type("5000").shows("KES 5,000 counts from tomorrow this time.")
    phone.shows("Now: KES 300 a day. KES 5,000 from").type("0").shows("Limits and breaks")
    phone.type("0").shows("1. Balance")
    world.moves(hours=24)
    at_bets_by_sms(phone).shows("Now: KES 5,000 a day.")


def test_more_than_everybody_s_waits_even_as_the_first(world: World, phone: Phone) -> None:
    world.has_player()
    at_bets_by_sms(phone).choose("Change").type("1001").shows("from tomorrow this time.")
    phone.shows("Now: KES 1,000 a day. KES 1,001 from")


def test_off_counts_at_once_and_on_a_day_later(world: World, phone: Phone) -> None:
    world.has_player()
    at_bets_by_sms(phone).choose("Switch off").shows("Bets by SMS are off from now.")
    phone.shows("Limits and breaks").choose("Bets by SMS").shows("Now: off.")
    phone.shows("1. Switch on").choose("Switch on").type("200").shows(
        "KES 200 counts from tomorrow"
    )
    phone.shows("Now: off. KES 200 from")
    world.moves(hours=24)
    at_bets_by_sms(phone).shows("Now: KES 200 a day.")


def test_a_limit_is_between_the_smallest_and_the_largest_bet(world: World, phone: Phone) -> None:
    world.has_player()
    at_bets_by_sms(phone).choose("Change").type("19").shows("The smallest limit is KES 20.")
    phone.type("20001").shows("The largest limit is KES 20,000.")
    assert world.count("player_limit") == 0


def test_nobody_bets_by_sms_where_the_operator_has_said_so(world: World, phone: Phone) -> None:
    world.has_player()
    world.always_had(Dated.SMS_STAKE_DAILY_MAX_KES, 0)
    at_bets_by_sms(phone).shows("They are off for everybody now.")


def test_my_bets_show_what_was_taken_back(world: World, phone: Phone) -> None:
    world.has_player(balance=kes(500))
    world.has_market("Will Gor Mahia win?", label="Gor Mahia")
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("100").type(PIN)
    reference = phone.screen.split("Ref ")[1][:6]
    bookmaker = Bookmaker(world)
    bookmaker.cancels("+254700000001", reference)
    phone.dial().choose("My bets").type(PIN).choose("Gor Mahia YES 100")
    phone.shows(f"KES 100 on YES. Cancelled, KES 100 back. Ref {reference}.")
    phone.type("00").choose("My account").choose("Statement").shows("Cancelled")
