"""My account, the PIN, deposits asked for, and the way around the menu."""

from collections.abc import Callable
from datetime import timedelta

from core.config.rules import Dated
from core.database import in_transaction
from core.money import kes
from core.switches.rules import Switch
from core.switches.stop import stop
from tests.phone import Phone
from tests.ussd.conftest import Network
from tests.world import PIN, World


def test_the_menus_are_where_people_learned_them(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    assert phone.dial().screen == (
        "Kibeezy\n1. Bet\n2. Deposit\n3. Withdraw\n4. My bets\n5. My account"
    )
    assert phone.choose("My account").screen.splitlines()[:7] == [
        "My account",
        "1. Balance",
        "2. Statement",
        "3. Change PIN",
        "4. Limits and breaks",
        "5. Language",
        "99. More",
    ]
    assert phone.type("99").screen.splitlines()[:5] == [
        "My account",
        "1. My number",
        "2. Check a receipt",
        "3. Close account",
        "4. Help",
    ]


def test_nought_goes_back_and_two_noughts_go_home(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("My account").choose("Limits and breaks").type("0").shows("2. Statement")
    phone.type("0").shows("1. Bet").type("0").shows("1. Bet")
    phone.choose("My account").choose("Language").type("00").shows("1. Bet")
    phone.choose("My account").type("99").type("0").shows("1. Balance").type("0").shows("1. Bet")


def test_the_balance_asks_for_the_pin_once_per_session(world: World, phone: Phone) -> None:
    world.has_player(phone.number, balance=kes(1234))
    phone.dial().choose("My account").choose("Balance").shows("Enter your PIN").lacks("1,234")
    phone.type(PIN).shows("Your balance is KES 1,234").type("0").shows("2. Statement")
    phone.choose("Statement").shows("Gift +1,234").choose("Gift").shows("KES 1,234")
    phone.dial().choose("My account").choose("Balance").shows("Enter your PIN")


def test_three_wrong_pins_lock_for_a_quarter_of_an_hour(world: World, phone: Phone) -> None:
    world.has_player(phone.number, balance=kes(100))
    phone.dial().choose("My account").choose("Balance")
    for _wrong in range(2):
        phone.type("9999").shows("Wrong PIN").choose("Try again")
    phone.type("9999").shows("PIN locked").shows("1. Forgot PIN")
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("PIN locked")
    world.moves(minutes=15, seconds=1)
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("KES 100")


def test_nought_never_leads_back_to_a_wrong_pin(world: World, phone: Phone) -> None:
    world.has_player(phone.number, balance=kes(100))
    phone.dial().choose("My account").choose("Balance").type("9999").choose("Try again")
    phone.type(PIN).shows("KES 100").type("0").shows("2. Statement").type("0").shows("1. Bet")


def test_nine_wrong_pins_need_a_reset(world: World, phone: Phone, network: Network) -> None:
    world.has_player(phone.number, balance=kes(100))
    for wrong in range(1, 10):
        phone.dial().choose("My account").choose("Balance").type("9999")
        if wrong % 3 == 0:
            world.moves(hours=25)
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("PIN locked")

    phone.choose("Forgot PIN").shows("6-digit code").type(network.code(phone.number))
    phone.type("5937").type("5937").shows("withdrawals wait 24 hours").has_hung_up()
    phone.dial().choose("My account").choose("Balance").type("5937").shows("KES 100")
    assert world.player(phone.number).withdrawals_paused_until is not None


def test_the_pin_is_changed_by_who_knows_it(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("My account").choose("Change PIN").type("9999").shows("Wrong PIN")
    phone.choose("Try again").type(PIN).type("5937").type("5938").shows("differ")
    phone.type("5937").type("5937").shows("Your PIN is changed").has_hung_up()
    phone.dial().choose("My account").choose("Balance").type(PIN).shows("Wrong PIN")


def test_a_deposit_is_asked_for_and_the_session_ends_first(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("Deposit").shows("KES 1 to KES 150,000").type("1,000")
    phone.shows("KES 1,000").shows("M-Pesa prompt").has_hung_up().repeats().has_hung_up()
    assert world.count("deposit") == 1
    phone.dial().choose("Deposit").type("500").shows("in progress").shows("No money was taken")
    assert world.count("deposit") == 1


def test_a_deposit_out_of_range_is_refused(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    for amount in ("150001", "0.5", "many"):
        phone.dial().choose("Deposit").type(amount).shows("Deposit how much?")
    assert world.count("deposit") == 0


def test_an_unverified_number_is_led_to_the_code_before_a_deposit(
    world: World, phone: Phone, network: Network
) -> None:
    world.has_player(phone.number, verified=False)
    phone.dial().choose("Send again").shows("just sent")
    world.moves(seconds=61)
    phone.dial().choose("Send again").type("00").choose("Deposit").shows("the 6-digit code")
    phone.type(network.code(phone.number)).shows("verified").shows("Deposit how much?")


def test_a_lowered_limit_counts_now_and_a_raised_one_tomorrow(world: World, phone: Phone) -> None:
    world.has_market(label="Rain", closes_in=timedelta(days=9))
    world.has_player(phone.number, balance=kes(5000))
    phone.dial().choose("My account").choose("Limits").choose("Limit per bet").shows("none")
    phone.type("100").shows("counts from now")
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("200")
    phone.shows("Your own limit is KES 100 a bet.").shows("How much on YES?")

    phone.dial().choose("Start again")
    phone.choose("My account").choose("Limits").choose("Limit per bet").type("300")
    phone.shows("tomorrow")
    phone.choose("Limit per bet").shows("KES 100, KES 300 from").shows("Type another limit")
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("200").shows("Your own limit")
    world.moves(hours=24, seconds=1)
    phone.dial().choose("Continue: bet on YES: Rain").type("200").type(PIN)
    phone.shows("Bet placed")


def test_a_receipt_is_checked_by_its_reference(world: World, phone: Phone) -> None:
    world.has_market(label="Rain")
    world.has_player(phone.number, balance=kes(500))
    phone.dial().choose("Bet").choose("Rain").choose("YES").type("100").type(PIN)
    reference = phone.screen.split("Ref ")[1][:6]
    phone.dial().choose("My account").choose("Check a receipt").type("ZZZZZZ").shows("No receipt")
    phone.type(f"{reference[:3]}-{reference[3:]}".lower())
    phone.shows(f"Ref {reference}").shows("Stake -KES 100").shows("Will be sealed in minutes")
    world.seals()
    phone.dial().choose("My account").choose("Check a receipt").type(reference)
    phone.shows("Sealed: block 1")

    world.has_player("+254700000009")
    phone.number = "+254700000009"
    phone.dial().choose("My account").choose("Check a receipt").type(reference).shows("No receipt")


def test_an_account_with_money_stays_open_and_an_empty_one_closes(
    world: World, phone: Phone
) -> None:
    world.has_player(phone.number, balance=kes(5))
    phone.dial().choose("My account").choose("Close account").type(PIN)
    phone.shows("still have money").choose("Go on").shows("1. Balance")
    world.has_player("+254700000002")
    phone.number = "+254700000002"
    phone.dial().choose("My account").choose("Close account").type(PIN).shows("closed")
    phone.dial().shows("closed").has_hung_up()


def test_the_language_is_remembered(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("My account").choose("Language").choose("Kiswahili")
    assert world.player(phone.number).language == "sw"


def test_my_number_says_whether_it_is_verified(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("My account").choose("My number").shows("0700000001 is verified since")


def test_a_limit_under_which_nothing_can_be_done_is_a_slip(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    phone.dial().choose("My account").choose("Limits").choose("Limit per bet").type("5")
    phone.shows("The smallest limit is KES 20").shows("Type the new limit")
    assert world.count("player_limit") == 0


def test_pages_name_the_fees_and_limits_that_count_now(
    world: World, phone_of: Callable[[str], Phone]
) -> None:
    phone, newcomer = phone_of("+254700000001"), phone_of("+254700000002")
    world.has_player(phone.number)
    newcomer.dial().choose("How it works").shows("a fee of 10%")
    for name, value in (
        (Dated.PLATFORM_FEE_BPS, 750),
        (Dated.STAKE_MIN_KES, 30),
        (Dated.DEPOSIT_MIN_KES, 40),
    ):
        world.agrees_on(name, value, counts_in=timedelta(minutes=2))
    world.moves(minutes=3)
    phone.dial().choose("Deposit").shows("KES 40 to KES 150,000")
    phone.type("39").shows("You can deposit KES 40 to KES 150,000. No money was taken.")
    phone.type("00").choose("My account").choose("Limits").choose("Limit per bet").type("29")
    phone.shows("The smallest limit is KES 30")
    newcomer.type("00").choose("How it works").shows("a fee of 7.5%")


def test_deposits_that_are_stopped_are_told_in_words(world: World, phone: Phone) -> None:
    world.has_player(phone.number)
    in_transaction(
        world.database, lambda c: stop(c, kind=Switch.DEPOSITS, why="broken", by="invariants")
    )
    phone.dial().choose("Deposit").type("200")
    phone.shows("Deposits are paused for now. No money was taken.")
    assert world.count("deposit") == 0


def test_a_long_text_is_never_torn_inside_an_amount(phone: Phone) -> None:
    phone.dial().choose("How it works")
    pages = [phone.screen]
    while "99. More" in phone.screen:
        pages.append(phone.type("99").screen)
    assert len(pages) > 1
    assert all("0. Back" in page for page in pages)
    assert any("KES 20" in page for page in pages)
