"""A caller who was cut off dials again: what is offered, what is told, and to whom."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis

from core.database import in_transaction
from core.markets.close_account import close_account
from core.money import kes
from core.players.account import take_break
from core.text import Language
from tests.phone import Phone
from tests.ussd.conftest import Network
from tests.world import PIN, World
from ussd.sessions import RESUME_SECONDS

OTHER = "+254700000002"


@pytest.fixture
def caller(world: World, phone: Phone) -> Phone:
    """A player who has just been shown the home page, with one market to bet on."""
    world.has_market("Will Gor Mahia win on Sunday?", label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500))
    return phone.dial()


@pytest.fixture
def at_confirm(caller: Phone) -> Phone:
    return caller.choose("Bet").choose("Gor").choose("YES").type("200").shows("Enter PIN to bet")


def last_of(redis: Redis) -> bytes:
    [key] = redis.scan_iter("ussd:*:last")
    assert isinstance(key, bytes)
    return key


def test_cut_off_before_the_pin_the_bet_goes_on_at_the_price_of_now(
    world: World, at_confirm: Phone, phone_of: Callable[[str], Phone]
) -> None:
    at_confirm.shows("About KES 200 if YES")
    world.has_player(OTHER, balance=kes(500))
    other = phone_of(OTHER).dial().choose("Bet").choose("Gor").choose("NO")
    other.type("300").type(PIN).shows("Bet placed")

    at_confirm.dial().shows("Welcome back.").shows(
        "1. Continue: bet KES 200 on YES: Gor Mahia wins"
    )
    at_confirm.choose("Continue").shows("KES 200 on YES: Will Gor").shows("About KES 450 if YES")
    assert world.wallet(at_confirm.number) == kes(500), "only the PIN is a yes"
    at_confirm.shows("Enter PIN to bet").type(PIN).shows("Bet placed").shows("Balance KES 300")


def test_cut_off_at_the_stake(caller: Phone) -> None:
    caller.choose("Bet").choose("Gor").choose("NO")
    caller.dial().choose("Continue: bet on NO: Gor Mahia wins").shows("How much on NO?")
    caller.type("0").shows("2. NO: 100 pays").type("0").shows("Choose a market")


def test_a_page_that_is_one_press_away_is_not_offered(caller: Phone) -> None:
    caller.choose("Bet").choose("Gor").shows("1. YES")
    caller.dial().lacks("Continue").shows("1. Bet")


def test_nothing_typed_is_nothing_to_go_on_with(caller: Phone) -> None:
    caller.dial().lacks("Continue").shows("1. Bet")


def test_start_again_means_it(at_confirm: Phone) -> None:
    at_confirm.dial().choose("Start again").shows("1. Bet")
    at_confirm.dial().lacks("Continue").shows("1. Bet")


def test_an_offer_that_was_not_answered_is_made_again(world: World, at_confirm: Phone) -> None:
    at_confirm.dial().shows("Continue: bet")
    at_confirm.dial().shows("Continue: bet")
    at_confirm.dial().choose("Continue: bet").shows("Enter PIN to bet").type("0")
    at_confirm.shows("How much on YES?").type("50").shows("KES 50 on YES")
    at_confirm.dial().shows("Continue: bet KES 50 on YES")
    assert world.count("bet") == 0


def test_a_newcomers_name_is_kept_and_the_pin_asked_again(world: World, phone: Phone) -> None:
    phone.dial().choose("Register").type("Wanjiru Kamau").shows("18 or older")
    phone.dial().choose("Continue: register Wanjiru Kamau").shows("18 or older").choose("Yes")
    phone.type(PIN).shows("Enter the PIN again")
    phone.dial().choose("Continue: register Wanjiru Kamau").shows("Choose a 4-digit PIN")
    phone.type(PIN).type(PIN).shows("the 6-digit code")
    assert world.player(phone.number).full_name == "Wanjiru Kamau"


def test_before_a_name_there_is_nothing_to_keep(phone: Phone) -> None:
    phone.dial().choose("Register")
    phone.dial().shows("Welcome to Kibeezy").lacks("Continue")


def test_who_left_to_read_the_code_for_a_new_pin_goes_on_with_it(
    caller: Phone, network: Network
) -> None:
    caller.choose("My account").choose("Balance").type("9999").choose("Forgot PIN")
    caller.shows("the 6-digit code")
    caller.dial().choose("Continue: new PIN").shows("the 6-digit code")
    caller.type(network.code(caller.number)).shows("Choose a new 4-digit PIN")


def test_a_new_session_has_proven_no_code(caller: Phone, network: Network) -> None:
    caller.choose("My account").choose("Balance").type("9999").choose("Forgot PIN")
    caller.type(network.code(caller.number)).shows("Choose a new 4-digit PIN")
    caller.dial().lacks("Continue").lacks("new").shows("1. Bet")
    caller.choose("My account").choose("Balance").type(PIN).shows("Your balance is KES 500")


@pytest.mark.parametrize(
    ("way", "secret"),
    [
        (("My account", "Balance"), "KES 500"),
        (("My account", "Statement"), "Gift"),
        (("My bets",), "Gor Mahia wins YES"),
    ],
)
def test_behind_a_pin_nothing_is_offered_or_shown(
    world: World, at_confirm: Phone, way: tuple[str, ...], secret: str
) -> None:
    at_confirm.type(PIN)
    world.gives(at_confirm.number, kes(200))
    at_confirm.dial()
    for label in way:
        at_confirm.choose(label)
    at_confirm.type(PIN).shows(secret)
    at_confirm.dial().lacks("Continue").lacks(secret).lacks("KES").shows("1. Bet")
    for label in way:
        at_confirm.choose(label)
    at_confirm.shows("Enter your PIN").lacks(secret)


def test_a_page_that_asks_for_a_new_pin_is_not_offered(caller: Phone) -> None:
    caller.choose("My account").choose("Change PIN").type(PIN).shows("Choose a new 4-digit PIN")
    caller.dial().lacks("Continue").shows("1. Bet")


def test_a_market_that_closed_meanwhile_is_said_to_be(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins", closes_in=timedelta(minutes=5))
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Gor").choose("YES").type("200")
    world.moves(minutes=5)
    phone.dial().choose("Continue").shows("takes no bets now. No money was taken.")
    phone.lacks("Enter PIN").type("0").shows("1. Bet")


def test_a_player_on_a_break_is_told_so_when_going_on(world: World, at_confirm: Phone) -> None:
    player, length = world.player(at_confirm.number), timedelta(days=1)
    in_transaction(world.database, lambda c: take_break(c, player_id=player.id, length=length))
    at_confirm.dial().choose("Continue").type(PIN).shows("on a break until").shows("2. Deposit")
    assert world.wallet(at_confirm.number) == kes(500)


def test_after_ten_minutes_nothing_is_offered(at_confirm: Phone, redis_client: Redis) -> None:
    last = last_of(redis_client)
    assert RESUME_SECONDS - 5 <= redis_client.ttl(last) <= RESUME_SECONDS == 10 * 60
    # Redis itself forgets the key then; nothing of the service must help.
    redis_client.expire(last, 0)
    at_confirm.dial().lacks("Continue").shows("1. Bet")


def test_dialling_again_does_not_stretch_the_ten_minutes(
    at_confirm: Phone, redis_client: Redis
) -> None:
    redis_client.expire(last_of(redis_client), 60)
    at_confirm.dial().shows("Continue")
    assert redis_client.ttl(last_of(redis_client)) <= 60


def test_a_bet_short_of_money_waits_for_the_deposit(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(50))
    phone.dial().choose("Bet").choose("Gor").choose("NO").type("200").type(PIN)
    phone.choose("Deposit KES 150").shows("your bet is waiting").has_hung_up()
    world.gives(phone.number, kes(150))
    phone.dial().choose("Continue: bet KES 200 on NO").shows("Enter PIN to bet").type(PIN)
    phone.shows("Bet placed").shows("Balance KES 0")


def test_a_deposit_for_no_bet_leads_nowhere(caller: Phone) -> None:
    caller.choose("Deposit").type("100").shows("M-Pesa prompt").has_hung_up()
    caller.dial().lacks("Continue").shows("1. Bet")


def test_another_phone_is_offered_and_told_nothing(
    world: World, at_confirm: Phone, phone_of: Callable[[str], Phone]
) -> None:
    world.has_player(OTHER)
    phone_of(OTHER).dial().lacks("Continue").shows("1. Bet")
    at_confirm.type(PIN).shows("Bet placed")
    phone_of(OTHER).dial().lacks("last bet").shows("1. Bet")
    at_confirm.dial().shows("Your last bet was placed")


def test_a_number_that_another_player_has_now_is_offered_nothing(
    world: World, at_confirm: Phone
) -> None:
    with world.owner.begin() as connection:
        connection.exec_driver_sql(f"UPDATE player SET phone = '{OTHER}'")
    world.has_player(at_confirm.number, name="Achieng Otieno")
    at_confirm.dial().lacks("Continue").shows("1. Bet")


def test_the_language_is_kept(world: World, phone: Phone) -> None:
    phone.dial().choose("Kiswahili").choose("Jisajili").type("Wanjiru Kamau")
    phone.dial().shows("Endelea").shows("Wanjiru Kamau").lacks("Continue").type("1")
    phone.lacks("18 or older")
    world.has_market(label="Gor Mahia wins")
    world.has_player(OTHER, balance=kes(500), language=Language.SWAHILI)
    phone.number = OTHER
    phone.dial().type("1").type("1").type("1").type("200")
    phone.dial().shows("Endelea").shows("Gor Mahia wins").lacks("Continue").type("1").type(PIN)
    phone.dial().lacks("Your last bet").shows("Dau lako la mwisho")


def test_a_number_that_is_not_verified_is_asked_for_its_code_first(
    world: World, phone: Phone
) -> None:
    world.has_market(label="Gor Mahia wins")
    world.has_player(phone.number, balance=kes(500), verified=False)
    phone.dial().type("00").choose("Deposit").type("100").shows("the 6-digit code")
    phone.dial().shows("the 6-digit code").lacks("Continue").type("00").shows("1. Bet")


def test_a_closed_account_goes_on_with_nothing(world: World, phone: Phone) -> None:
    world.has_market(label="Gor Mahia wins")
    player = world.has_player(phone.number)
    phone.dial().choose("Bet").choose("Gor").choose("YES").type("200")
    in_transaction(world.database, lambda c: close_account(c, player_id=player.id))
    phone.dial().shows("account is closed").lacks("Continue").has_hung_up()


def test_a_caller_who_goes_on_after_redis_lost_everything_starts_at_home(
    at_confirm: Phone, redis_client: Redis
) -> None:
    redis_client.flushdb()
    at_confirm.dial().lacks("Continue").shows("1. Bet")
