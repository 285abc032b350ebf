"""PIN tries are counted before they are looked at."""

import threading

import pytest
from sqlalchemy import text

from core.errors import Refused
from core.keyed_hash import Pepper
from core.players.check_pin import check_pin
from core.players.rules import PinLocked, WrongPin
from tests.world import PIN, World


def wrong_tries(world: World) -> int:
    with world.owner.connect() as connection:
        return int(connection.execute(text("SELECT wrong_tries FROM player_pin")).scalar_one())


def test_ten_guesses_at_once_are_three_tries(world: World) -> None:
    player = world.has_player()
    start = threading.Barrier(10)
    heard: list[type[Refused]] = []

    def guess(number: int) -> None:
        start.wait()
        try:
            check_pin(
                world.database, player_id=player.id, typed=f"52{number:02}", pepper=world.pepper
            )
        except Refused as refusal:
            heard.append(type(refusal))

    threads = [threading.Thread(target=guess, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (
        sorted(kind.__name__ for kind in heard)
        == [PinLocked.__name__] * 8 + [WrongPin.__name__] * 2
    )
    assert wrong_tries(world) == 3


def test_a_check_that_crashes_has_used_up_its_try(world: World) -> None:
    player = world.has_player()
    broken = Pepper(None)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        check_pin(world.database, player_id=player.id, typed=PIN, pepper=broken)
    assert wrong_tries(world) == 1


def test_the_right_pin_forgives_the_wrong_ones(world: World) -> None:
    player = world.has_player()
    for _wrong in range(2):
        with pytest.raises(WrongPin):
            check_pin(world.database, player_id=player.id, typed="9999", pepper=world.pepper)
    check_pin(world.database, player_id=player.id, typed=PIN, pepper=world.pepper)
    assert wrong_tries(world) == 0


def test_the_right_pin_does_not_open_a_lock(world: World) -> None:
    player = world.has_player()
    for _wrong in range(3):
        with pytest.raises((WrongPin, PinLocked)):
            check_pin(world.database, player_id=player.id, typed="9999", pepper=world.pepper)
    with pytest.raises(PinLocked):
        check_pin(world.database, player_id=player.id, typed=PIN, pepper=world.pepper)
    assert wrong_tries(world) == 3


def test_another_key_makes_the_stored_hash_worthless(world: World) -> None:
    player = world.has_player()
    other = Pepper(b"another key of thirty-two bytes!!")
    with pytest.raises(WrongPin):
        check_pin(world.database, player_id=player.id, typed=PIN, pepper=other)
