"""A withdrawal whose answer was lost, or whose PIN comes late: what was told stays true."""

from concurrent.futures import ThreadPoolExecutor
from copy import copy
from threading import Barrier

import pytest
from redis import Redis
from sqlalchemy import text

from core.config.rules import Dated
from core.money import kes
from tests.core.withdrawals.teller import sets
from tests.phone import Phone
from tests.ussd.test_lost_answers import phone_of, process_dies, reference_on
from tests.ussd.test_two_calls import on_its_way
from tests.world import PIN, World

__all__ = ["phone_of"]
MADE, NOT_MADE = "Your last withdrawal was made. Ref ", "Your last withdrawal was not made."


@pytest.fixture
def caller(world: World, phone: Phone) -> Phone:
    """One PIN away from a withdrawal of 500."""
    world.has_player(phone.number, balance=kes(1000))
    return phone.dial().choose("Withdraw").type("500").shows("Enter PIN to withdraw")


def test_cut_off_before_the_pin_the_next_dial_goes_on(world: World, caller: Phone) -> None:
    caller.dial().shows("Continue: withdraw KES 500").lacks("last withdrawal")
    caller.choose("Continue").shows("KES 500 to M-Pesa").type(PIN).shows("is on its way")
    assert world.wallet(caller.number) == kes(500)


def test_a_price_that_changed_meanwhile_is_not_gone_on_with(world: World, caller: Phone) -> None:
    sets(world, Dated.WITHDRAWAL_FEE_KES, 25)
    caller.dial().choose("Continue").lacks("Enter PIN").shows("The fee has just changed.")
    assert world.wallet(caller.number) == kes(1000)


def test_committed_and_never_told_it_is_told_with_its_reference(
    world: World, caller: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, caller, PIN) as late:
        reference = reference_on(late.repeats().shows("is on its way"))
    for _dial in range(2):
        caller.dial().shows(f"{MADE}{reference}.").lacks("Continue")
    caller.type("0").dial().lacks("last withdrawal")
    assert (world.wallet(caller.number), world.count("withdrawal")) == (kes(500), 1)


def test_a_page_that_may_not_have_been_seen_is_told_again(world: World, caller: Phone) -> None:
    reference = reference_on(caller.type(PIN).shows("is on its way"))
    caller.dial().shows(f"{MADE}{reference}.")
    assert world.count("withdrawal") == 1


def test_begun_and_never_done_it_is_not_made_and_never_will_be(
    world: World, caller: Phone, redis_client: Redis
) -> None:
    with process_dies(world, redis_client, caller, PIN) as late:
        pass
    caller.dial().shows(NOT_MADE).shows("Continue: withdraw KES 500")
    late.repeats().lacks("is on its way").shows(NOT_MADE)
    assert (world.wallet(caller.number), world.count("withdrawal")) == (kes(1000), 0)
    caller.choose("Continue").type(PIN).shows("is on its way")
    late.repeats().lacks("is on its way")
    assert (world.wallet(caller.number), world.count("withdrawal")) == (kes(500), 1)


def test_a_pin_on_its_way_makes_nothing_once_the_caller_dialled_again(
    world: World, caller: Phone
) -> None:
    late = on_its_way(caller)
    caller.dial().choose("Continue: withdraw KES 500").type(PIN).shows("is on its way")
    late.repeats().shows(NOT_MADE)
    assert (world.wallet(caller.number), world.count("withdrawal")) == (kes(500), 1)


@pytest.mark.parametrize("_round", range(3))
def test_two_calls_race_and_what_is_told_is_true(world: World, caller: Phone, _round: int) -> None:
    late, fresh = on_its_way(caller), copy(caller)
    barrier = Barrier(2)

    def types_late() -> str:
        barrier.wait()
        return late.repeats().screen

    def dials_again() -> str:
        barrier.wait()
        return fresh.dial().screen

    with ThreadPoolExecutor(2) as pool:
        first, second = (pool.submit(act) for act in (types_late, dials_again))
        told = first.result(), second.result()
    made = world.count("withdrawal")
    assert world.wallet(caller.number) == kes(1000 - 500 * made)
    assert ("is on its way" in told[0]) <= bool(made)
    if NOT_MADE in told[1] or "Continue: withdraw" in told[1]:
        late.repeats().lacks("is on its way")
        assert world.count("withdrawal") == 0
    if MADE in told[1]:
        assert made == 1


def test_the_same_hop_twice_at_once_is_one_withdrawal(world: World, caller: Phone) -> None:
    barrier = Barrier(2)

    def types(phone: Phone) -> None:
        barrier.wait()
        phone.repeats()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(types, [on_its_way(caller), on_its_way(caller)]))
    assert (world.count("withdrawal"), world.wallet(caller.number)) == (1, kes(500))
    with world.database.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM transfer")).scalar_one() == 2
