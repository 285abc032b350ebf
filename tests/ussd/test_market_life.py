"""Markets that pause and results that are disputed, as a caller meets them."""

from datetime import timedelta

import pytest

from core.markets.rules import Outcome, Ruling, Side
from core.money import kes
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, resumes, rules, suspends
from tests.phone import Phone
from tests.world import PIN, World

PAUSED = "That market is paused for now. No money was taken."


@pytest.fixture
def derby(world: World, phone: Phone) -> int:
    world.has_player(phone.number, balance=kes(500))
    return world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")


def test_a_market_that_pauses_mid_call_takes_no_bet(world: World, phone: Phone, derby: int) -> None:
    rain = world.has_market(label="Rain")
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("200")
    suspends(world, derby)
    phone.type(PIN).shows(PAUSED).shows("1. Rain").lacks("How much").lacks("Gor Mahia")
    assert world.wallet(phone.number) == kes(500)
    assert (world.pool(derby, "yes"), world.pool(rain, "yes")) == (kes(0), kes(0))


def test_a_market_that_pauses_before_the_confirmation_or_the_side(
    world: World, phone: Phone, derby: int
) -> None:
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES")
    suspends(world, derby)
    phone.type("200").shows(PAUSED).lacks("Enter PIN")
    resumes(world, derby)
    phone.dial().choose("Bet").shows("1. Gor Mahia")
    suspends(world, derby)
    phone.choose("Gor Mahia").shows("Will Gor Mahia win on Sunday?")
    phone.shows("Paused, no bets for now.").lacks("YES")


def test_a_paused_market_is_shown_as_paused_and_can_be_bet_on_again(
    world: World, phone: Phone, derby: int
) -> None:
    world.has_market(label="Rain")
    suspends(world, derby)
    phone.dial().choose("Bet").lacks("Gor Mahia").type(str(derby))
    phone.shows("Will Gor Mahia win on Sunday?\nPaused, no bets for now.").type("0").shows("Rain")
    phone.dial(f"*384*2030*1*{derby}*1#").shows(PAUSED)
    resumes(world, derby)
    phone.dial().choose("Bet").choose("Gor Mahia").choose("YES").type("200").type(PIN)
    phone.shows("Bet placed")
    suspends(world, derby)
    phone.dial().choose("My bets").type(PIN).choose("Gor Mahia").shows("Paused, no bets for now.")


def test_a_proposed_result_is_told_as_that_and_a_dispute_too(
    world: World, phone: Phone, derby: int
) -> None:
    bookmaker = Bookmaker(world)
    world.has_market(label="Rain")
    bookmaker.bets(phone.number, derby, Side.NO, 100)
    bookmaker.closes(derby)
    bookmaker.proposes(derby, Outcome.YES, window=timedelta(hours=1))
    phone.dial().choose("My bets").type(PIN).choose("Gor Mahia")
    phone.shows("KES 100 on NO. Result YES proposed, not final. Ref")
    disputes(world, derby, phone.number)
    phone.dial().choose("My bets").type(PIN).choose("Gor Mahia")
    phone.shows("Result YES proposed, but disputed.")
    phone.dial().choose("Bet").type(str(derby))
    phone.shows("Will Gor Mahia win on Sunday?\nResult YES proposed, but disputed.")
    rules(world, derby, Ruling.UPHELD, by=bookmaker.baraka)
    phone.dial().choose("My bets").type(PIN).choose("Gor Mahia").shows("Waiting for the result.")
