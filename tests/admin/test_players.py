"""What an operator reads about a player."""

from datetime import datetime

import pytest

from core.money import kes
from core.players.check_pin import check_pin
from core.players.rules import PinLocked, WrongPin
from core.staff.records import Role
from tests.admin.operator import Operator
from tests.phone import Phone
from tests.world import PIN, World

PLAYER = "+254712345678"


def test_the_json_is_what_the_contract_promises(
    operator: Operator, world: World, phone: Phone
) -> None:
    phone.number = PLAYER
    world.has_player(PLAYER, name="Wanjiru Kamau", balance=kes(1234))
    rain = world.has_market("Will it rain?", label="Rain")
    phone.dial("*384*2030#").choose("Bet").choose("Rain").choose("NO").type("200").type(PIN)
    reference = phone.shows("Bet placed. Ref ").screen.split("Ref ")[1].split(".")[0]

    found = operator.reads(f"player show {PLAYER} --json")

    verified_at = datetime.fromisoformat(found.pop("kyc_verified_at"))
    assert str(verified_at.tzinfo) == "UTC+03:00"
    assert found == {
        "phone": PLAYER,
        "name": "Wanjiru Kamau",
        "status": "active",
        "language": "en",
        "balance_cents": 103_400,
        "held_cents": 0,
        "owed_cents": 0,
        "open_bets": [{"ref": reference, "market": rain, "side": "no", "stake_cents": 20_000}],
    }
    assert [type(found[key]) for key in ("balance_cents", "held_cents")] == [int, int]


def test_a_number_that_was_never_proven_is_null(operator: Operator, world: World) -> None:
    world.has_player(PLAYER, verified=False)

    found = operator.reads(f"player show {PLAYER} --json")

    assert (found["status"], found["kyc_verified_at"], found["open_bets"]) == (
        "unverified",
        None,
        [],
    )


@pytest.mark.parametrize(
    "form", ["254712345678", "0712345678", "+254712345678", "712345678", "'0712 345-678'"]
)
def test_every_form_of_the_number_finds_the_player(
    operator: Operator, world: World, form: str
) -> None:
    world.has_player(PLAYER)
    assert operator.reads(f"player show {form} --json")["phone"] == PLAYER


def test_the_new_series_of_numbers_are_found_too(operator: Operator, world: World) -> None:
    world.has_player("+254112345678")
    assert operator.reads("player show 112345678 --json")["phone"] == "+254112345678"


def test_people_read_a_table_with_shillings(operator: Operator, world: World) -> None:
    world.has_player(PLAYER, name="Otieno Ouma", balance=kes(1234))

    table = operator.types(f"player show {PLAYER}")

    for words in (PLAYER, "Otieno Ouma", "KES 1,234", "No open bets."):
        assert words in table


@pytest.mark.parametrize(
    ("given", "words"),
    [("0712345679", "There is no player +254712345679."), ("12345", "Kenyan mobile number")],
)
def test_an_unknown_number_is_one_line(operator: Operator, given: str, words: str) -> None:
    assert words in operator.is_refused(f"player show {given} --json")


def test_who_is_locked_out_by_wrong_pins_is_shown_as_locked(
    operator: Operator, world: World
) -> None:
    player = world.has_player()
    for _wrong in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            check_pin(world.database, player_id=player.id, typed="9999", pepper=world.pepper)
    assert operator.reads(f"player show {player.phone} --json")["status"] == "locked"
    world.moves(minutes=15, seconds=1)
    assert operator.reads(f"player show {player.phone} --json")["status"] == "active"


def test_a_player_is_locked_and_unlocked_by_two(operator: Operator, world: World) -> None:
    world.has_player(PLAYER)
    for name in ("amina", "barasa"):
        world.has_admin(f"{name}@kibeezy.test", Role.SUPPORT)
    lock = "player lock 0712345678 --by amina@kibeezy.test --why 'Stolen phone'"
    assert operator.types(lock) == f"{PLAYER} is locked, and was told by SMS.\n"
    assert operator.types(lock) == f"{PLAYER} was locked already.\n"
    assert operator.reads(f"player show {PLAYER} --json")["status"] == "locked"

    unlock = "player unlock 0712345678 --by {}@kibeezy.test --why 'New SIM'"
    assert "a colleague or an owner" in operator.is_refused(unlock.format("amina"))
    assert operator.types(unlock.format("barasa")).startswith(f"{PLAYER} is unlocked")


def test_a_pin_is_thrown_away_and_an_account_closed(operator: Operator, world: World) -> None:
    world.has_player(PLAYER)
    world.has_admin("amina@kibeezy.test", Role.SUPPORT)
    by = "0712345678 --by amina@kibeezy.test --why 'She called'"
    assert "Withdrawals wait 24 hours." in operator.types(f"player reset-pin {by}")
    assert "has no PIN already" in operator.types(f"player reset-pin {by}")
    assert "has no account any more" in operator.types(f"player close {by}")
    assert "has closed the account" in operator.is_refused(f"player lock {by}")
    unknown = by.replace("0712345678", "0700000099")
    assert "There is no player +254700000099." in operator.is_refused(f"player lock {unknown}")
