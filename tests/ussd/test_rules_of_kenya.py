"""What the rules of the land change on a phone: taxes, limits for everybody, the licence."""

from datetime import timedelta

import pytest

from core.config.rules import Dated
from core.money import kes
from core.settings import Settings
from tests.phone import Phone
from tests.world import PIN, World

RULES = {"licence_number": "GRA/PM/0012", "helpline": "1199"}


@pytest.fixture
def settings(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    return settings.model_copy(update=getattr(request, "param", {}))


@pytest.fixture
def caller(world: World, phone: Phone) -> Phone:
    world.has_player(phone.number)
    return phone


def test_without_excise_nobody_reads_of_it(caller: Phone) -> None:
    caller.dial().choose("Deposit").shows("Deposit how much? KES 1 to KES 150,000").lacks("xcise")
    caller.type("100").shows("KES 100: now wait for the M-Pesa prompt").lacks("xcise")


def test_a_deposit_too_small_for_a_bet_is_not_forbidden(world: World, caller: Phone) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    caller.dial().choose("Deposit").shows("Excise takes 5%: a bet needs KES 22 or more.")
    caller.type("21").shows("KES 21 asked, KES 19.95 to play after 5% excise.").has_hung_up()


def test_where_any_deposit_is_enough_for_a_bet_only_the_rate_is_said(
    world: World, caller: Phone
) -> None:
    world.always_had(Dated.EXCISE_BPS, 25)
    world.always_had(Dated.DEPOSIT_MIN_KES, 100)
    caller.dial().choose("Deposit").lacks("a bet needs")
    caller.shows("Deposit how much? KES 100 to KES 150,000. Excise takes 0.25%.")


def test_a_deposit_so_small_that_nothing_is_taken_is_told_as_before(
    world: World, caller: Phone
) -> None:
    world.always_had(Dated.EXCISE_BPS, 1)
    caller.dial().choose("Deposit").shows("Excise takes 0.01%: a bet needs KES 20 or more.")
    caller.type("20").shows("KES 20: now wait for the M-Pesa prompt")


def test_the_last_page_tells_the_rate_of_now(world: World, caller: Phone) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    world.agrees_on(Dated.EXCISE_BPS, 1_000, counts_in=timedelta(minutes=2))
    caller.dial().choose("Deposit").shows("Excise takes 5%")
    world.moves(minutes=2)
    caller.type("100").shows("KES 100 asked, KES 90 to play after 10% excise.")


def test_what_is_offered_for_a_bet_leaves_enough_of_itself(world: World, caller: Phone) -> None:
    world.always_had(Dated.EXCISE_BPS, 500)
    world.has_market(label="Gor Mahia wins")
    caller.dial().choose("Bet").choose("Gor Mahia wins").choose("YES").type("20").type(PIN)
    caller.shows("You need KES 20 more, and excise takes 5% of a deposit. No money was taken.")
    caller.choose("Deposit KES 22").shows("KES 22 asked, KES 20.90 to play after 5% excise.")


def test_more_than_an_account_may_hold_is_refused_before_the_prompt(
    world: World, caller: Phone
) -> None:
    world.always_had(Dated.WALLET_MAX_KES, 1_000)
    world.gives(caller.number, kes(600))
    caller.dial().choose("Deposit").type("401")
    caller.shows("An account may hold KES 1,000 at most. No money was taken.")
    caller.type("400").shows("KES 400: now wait for the M-Pesa prompt")


def test_a_bet_beyond_the_limit_of_a_day_ends_at_home(world: World, caller: Phone) -> None:
    world.always_had(Dated.DAILY_STAKE_MAX_KES, 100)
    world.gives(caller.number, kes(500))
    world.has_market(label="Gor Mahia wins")
    caller.dial().choose("Bet").choose("Gor Mahia wins").choose("YES").type("101").type(PIN)
    caller.shows("Bets of one day may be KES 100 in all. No money was taken.\nKibeezy\n1. Bet")
    assert world.wallet(caller.number) == kes(500)


def test_without_licence_and_helpline_there_is_no_page_of_them(caller: Phone) -> None:
    caller.dial().choose("My account").type("99").choose("Help").lacks("Licence")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (RULES, "Kibeezy's licence: GRA/PM/0012. Is gambling a problem? Free help: 1199."),
        ({**RULES, "helpline": ""}, "Kibeezy's licence: GRA/PM/0012."),
        ({**RULES, "licence_number": ""}, "Is gambling a problem? Free help: 1199."),
    ],
    indirect=["settings"],
)
def test_licence_and_helpline_stand_under_help(caller: Phone, words: str) -> None:
    caller.dial().choose("My account").type("99").choose("Help").choose("Licence")
    assert caller.screen.splitlines()[0] == words
