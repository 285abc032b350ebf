"""Withdrawals from a phone, told as the caller lives them."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.config.rules import Dated
from core.database import in_transaction
from core.deposits.answers import Paid
from core.ledger import book
from core.money import Money, kes
from core.players.account import take_break
from core.switches.rules import Switch
from core.switches.stop import stop
from tests.core.deposits.purse import Purse
from tests.core.withdrawals.teller import sets
from tests.phone import Phone
from tests.ussd.conftest import Network
from tests.world import PIN, World


@pytest.fixture
def caller(world: World, phone: Phone) -> Phone:
    world.has_player(phone.number, balance=kes(1000))
    return phone


@pytest.fixture
def asked_for_an_amount(caller: Phone) -> Phone:
    return caller.dial().choose("Withdraw").shows("Withdraw how much? KES 10 to KES 150,000")


def held(world: World, phone: Phone) -> Money:
    player_id = world.player(phone.number).id
    return in_transaction(world.database, lambda c: book.held(c, player_id=player_id))


def test_a_player_withdraws_to_the_own_number(
    world: World, caller: Phone, asked_for_an_amount: Phone
) -> None:
    asked_for_an_amount.type("500").shows("KES 500 to M-Pesa 0700000001\nEnter PIN to withdraw")
    caller.lacks("Fee").lacks("Tax").type(PIN)
    caller.shows("Withdrawal of KES 500 to your M-Pesa is on its way. Ref ")
    caller.shows("Balance KES 500. An SMS will confirm it.").has_hung_up()
    assert (world.wallet(caller.number), held(world, caller)) == (kes(500), kes(500))
    assert world.count("withdrawal") == 1


@pytest.mark.parametrize(
    ("fee", "bps", "arrives", "costs"),
    [
        (25, 0, "KES 475", "Fee KES 25, in all KES 500"),
        (0, 500, "KES 475", "Tax KES 25, in all KES 500"),
        (20, 500, "KES 455", "Fee KES 20, tax KES 25, in all KES 500"),
    ],
)
def test_fee_and_tax_are_said_before_the_pin(
    world: World, caller: Phone, fee: int, bps: int, arrives: str, costs: str
) -> None:
    sets(world, Dated.WITHDRAWAL_FEE_KES, fee)
    sets(world, Dated.WITHHOLDING_BPS, bps)
    caller.dial().choose("Withdraw").type("500")
    caller.shows(f"{arrives} to M-Pesa 0700000001\n{costs}\nEnter PIN to withdraw").type(PIN)
    caller.shows(f"Withdrawal of {arrives} to your M-Pesa").shows("Balance KES 500.")
    assert held(world, caller) == kes(500)


def test_a_price_that_changed_after_the_page_takes_nothing(
    world: World, caller: Phone, asked_for_an_amount: Phone
) -> None:
    asked_for_an_amount.type("500").shows("Enter PIN")
    sets(world, Dated.WITHDRAWAL_FEE_KES, 25)
    caller.type(PIN).shows("The fee has just changed. No money was taken.")
    assert (world.count("withdrawal"), held(world, caller)) == (0, kes(0))


@pytest.mark.parametrize("typed", ["lots", "0.5", "-5", "9", "150001", "1e3", ""])
def test_what_is_no_amount_keeps_the_question(asked_for_an_amount: Phone, typed: str) -> None:
    asked_for_an_amount.type(typed).shows("Withdraw how much?").type("10").shows("Enter PIN")


def test_the_least_amount_that_fee_and_tax_leave_payable_is_said(
    world: World, caller: Phone
) -> None:
    sets(world, Dated.WITHDRAWAL_FEE_KES, 25)
    sets(world, Dated.WITHHOLDING_BPS, 500)
    caller.dial().choose("Withdraw").shows("Withdraw how much? KES 37 to KES 150,000")
    caller.type("36").shows("You can withdraw KES 37 to KES 150,000.")
    caller.type("37").shows("KES 10 to M-Pesa").shows("Enter PIN")


def test_a_wrong_pin_takes_nothing(world: World, caller: Phone, asked_for_an_amount: Phone) -> None:
    asked_for_an_amount.type("500").type("9999").shows("Wrong PIN. No money was taken.")
    assert world.count("withdrawal") == 0
    caller.choose("Try again").shows("KES 500 to M-Pesa").type(PIN).shows("is on its way")
    assert held(world, caller) == kes(500)


def test_more_than_there_is_is_said_only_after_the_pin(
    world: World, caller: Phone, asked_for_an_amount: Phone
) -> None:
    asked_for_an_amount.type("1001").shows("KES 1,001 to M-Pesa").lacks("1,000 now").type(PIN)
    caller.shows("You can withdraw KES 1,000 now. No money was taken.")
    assert (world.count("withdrawal"), world.wallet(caller.number)) == (0, kes(1000))


def test_a_deposit_that_is_not_confirmed_stays(world: World, caller: Phone) -> None:
    purse = Purse(world, caller.number)
    purse.hears(purse.becomes_pending(kes(300)), Paid())
    caller.dial().choose("Withdraw").type("1300").type(PIN)
    caller.shows("You can withdraw KES 1,000 now; M-Pesa still confirms KES 300.")
    assert world.wallet(caller.number) == kes(1300)


def test_after_a_new_pin_withdrawals_wait(
    world: World, phone: Phone, network: Network, caller: Phone
) -> None:
    phone.dial().choose("My account").choose("Change PIN").type("9999").choose("Forgot PIN")
    phone.type(network.code(phone.number)).type("5937").type("5937").has_hung_up()
    caller.dial().choose("Withdraw").shows("For your safety withdrawals wait until")
    caller.lacks("how much")
    world.moves(hours=24)
    caller.dial().choose("Withdraw").type("500").type("5937").shows("is on its way")


def test_while_withdrawals_are_stopped_the_pin_page_takes_nothing(
    world: World, caller: Phone, asked_for_an_amount: Phone
) -> None:
    with world.database.begin() as connection:
        stop(connection, kind=Switch.WITHDRAWALS, why="No float", by="test")
    asked_for_an_amount.type("500").type(PIN)
    caller.shows("Withdrawals are paused for now. Your money is safe.")
    assert world.count("withdrawal") == 0


def test_who_takes_a_break_may_still_take_the_money_out(world: World, caller: Phone) -> None:
    player_id = world.player(caller.number).id
    with world.database.begin() as connection:
        take_break(connection, player_id=player_id, length=timedelta(days=1))
    caller.dial().choose("Withdraw").type("500").type(PIN).shows("is on its way")


def test_a_repeated_hop_is_one_withdrawal_and_the_same_page(
    world: World, caller: Phone, asked_for_an_amount: Phone
) -> None:
    asked_for_an_amount.type("500").type(PIN)
    page = caller.shows("is on its way").screen
    for _repeat in range(3):
        assert caller.repeats().screen == page
    assert (world.count("withdrawal"), held(world, caller)) == (1, kes(500))


def test_two_withdrawals_are_two(world: World, caller: Phone) -> None:
    for shillings in (500, 400):
        caller.dial().choose("Withdraw").type(str(shillings)).type(PIN).shows("is on its way")
    assert (world.count("withdrawal"), world.wallet(caller.number)) == (2, kes(100))


def test_the_pin_is_kept_nowhere(
    world: World, network: Network, asked_for_an_amount: Phone
) -> None:
    asked_for_an_amount.type("500").type(PIN).shows("is on its way")
    kept = [*world.everything_stored(), *network.everything_cached()]
    assert not [value for value in kept if f"*{PIN}" in value or value == PIN]


def test_nobody_else_s_number_can_be_paid(
    world: World, caller: Phone, phone_of: Callable[[str], Phone]
) -> None:
    other = phone_of("+254700000002")
    world.has_player(other.number)
    caller.dial().choose("Withdraw").type("500").shows("0700000001").type(PIN)
    with world.database.connect() as connection:
        query = "SELECT p.phone FROM withdrawal w JOIN player p ON p.id = w.player_id"
        assert connection.execute(text(query)).scalar_one() == caller.number
