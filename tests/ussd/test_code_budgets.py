"""Codes cost money: who asks for too many of them is held up, and nobody else."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask

from core.players.code_budget import NEW, PROVEN
from core.players.rules import (
    CODES_A_DAY_TO_NEW_NUMBERS,
    CODES_A_DAY_TO_PROVEN_NUMBERS,
    CODES_AN_HOUR_TO_A_BLOCK,
)
from tests.core.players.spending import spent
from tests.phone import Phone, ViaTestClient
from tests.ussd.conftest import Network
from tests.world import PIN, World

WANJIRU, NEIGHBOUR, ELSEWHERE = "+254700000001", "+254700009999", "+254700010000"
BLOCK = f"{NEW}:+25470000"
HELD = "We cannot send a code to"


def registers(phone: Phone) -> Phone:
    phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes")
    return phone.type(PIN).type(PIN)


def codes_asked(world: World) -> int:
    return world.count("outbox WHERE kind = 'send_code'")


@pytest.fixture(autouse=True)
def noon(world: World) -> None:
    world.comes_to(12)


def test_a_block_of_numbers_gets_so_many_codes_an_hour(
    world: World, phone_of: Callable[[str], Phone], network: Network
) -> None:
    spent(world, BLOCK, CODES_AN_HOUR_TO_A_BLOCK - 1)
    registers(phone_of(NEIGHBOUR)).shows("the 6-digit code")
    phone = phone_of(WANJIRU)
    registers(phone).shows("You are registered").shows(HELD).shows("1. Send again")
    assert codes_asked(world) == 1
    phone.choose("Send again").shows("Try again after").shows("13:00")
    phone.dial().shows(HELD)
    registers(phone_of(ELSEWHERE)).shows("the 6-digit code")
    assert codes_asked(world) == 2

    world.comes_to(13, 1)
    phone.dial().choose("Send again").shows("A new code is on its way").shows("the 6-digit code")
    phone.type(network.code(WANJIRU)).shows("Your number is verified")


def test_a_block_that_is_held_uses_up_nothing_of_the_day(
    world: World, phone_of: Callable[[str], Phone]
) -> None:
    spent(world, NEW, 1, most=CODES_A_DAY_TO_NEW_NUMBERS)
    spent(world, BLOCK, CODES_AN_HOUR_TO_A_BLOCK)
    phone = phone_of(WANJIRU)
    registers(phone).shows(HELD)
    phone.choose("Send again").shows("Try again after")
    registers(phone_of(NEIGHBOUR)).shows(HELD)
    assert codes_asked(world) == 0
    assert world.count(f"sms_budget WHERE scope = '{NEW}' AND spent = 1") == 1


def test_a_day_that_is_used_up_uses_up_no_block(
    world: World, phone_of: Callable[[str], Phone]
) -> None:
    spent(world, NEW, CODES_A_DAY_TO_NEW_NUMBERS)
    spent(world, BLOCK, 1, most=CODES_AN_HOUR_TO_A_BLOCK)
    registers(phone_of(WANJIRU)).shows(HELD)
    assert world.count(f"sms_budget WHERE scope = '{BLOCK}' AND spent = 1") == 1


def test_the_last_code_of_an_hour_goes_to_one_of_five(world: World, app: Flask) -> None:
    spent(world, BLOCK, CODES_AN_HOUR_TO_A_BLOCK - 1)
    together = threading.Barrier(5)
    phones = [Phone(ViaTestClient(app.test_client()), f"+25470000000{digit}") for digit in range(5)]
    for phone in phones:
        phone.dial().choose("Register").type("Wanjiru Kamau").choose("Yes").type(PIN)

    def repeats_the_pin(phone: Phone) -> None:
        together.wait(timeout=10)
        phone.type(PIN)

    with ThreadPoolExecutor(5) as pool:
        for done in [pool.submit(repeats_the_pin, phone) for phone in phones]:
            done.result()
    assert world.count("player") == 5
    assert codes_asked(world) == 1


def test_a_day_of_strangers_keeps_no_player_from_a_new_pin(
    world: World, phone_of: Callable[[str], Phone]
) -> None:
    world.has_player(WANJIRU)
    before = codes_asked(world)
    spent(world, NEW, CODES_A_DAY_TO_NEW_NUMBERS)
    registers(phone_of(ELSEWHERE)).shows(HELD)
    assert codes_asked(world) == before
    phone = phone_of(WANJIRU)
    phone.dial().choose("My account").choose("Balance").type("1111").choose("Forgot PIN")
    phone.shows("Type the 6-digit code")
    assert codes_asked(world) == before + 1


def test_new_pins_have_a_budget_too(world: World, phone_of: Callable[[str], Phone]) -> None:
    world.has_player(WANJIRU)
    before = codes_asked(world)
    spent(world, PROVEN, CODES_A_DAY_TO_PROVEN_NUMBERS)
    phone = phone_of(WANJIRU)
    phone.dial().choose("My account").choose("Balance").type("1111").choose("Forgot PIN")
    phone.shows("We cannot send a code now.").shows("00:00")
    assert codes_asked(world) == before
