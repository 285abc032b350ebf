"""Limits that players set for themselves."""

from datetime import timedelta

from core.database import in_transaction
from core.money import Money, kes
from core.players.limits import LimitKind, own_limit, set_limit
from tests.world import World


def now_limited_to(world: World, player_id: int) -> Money | None:
    return in_transaction(
        world.database, lambda c: own_limit(c, player_id=player_id, kind=LimitKind.STAKE)
    )


def limits_to(world: World, player_id: int, amount: Money) -> timedelta:
    return in_transaction(
        world.database,
        lambda c: set_limit(c, player_id=player_id, kind=LimitKind.STAKE, amount=amount),
    )


def test_a_lowering_counts_even_after_a_waiting_raise(world: World) -> None:
    player = world.has_player()
    assert not limits_to(world, player.id, kes(100))
    assert limits_to(world, player.id, kes(300)) == timedelta(hours=24)
    assert not limits_to(world, player.id, kes(50))
    assert now_limited_to(world, player.id) == kes(50)
    world.moves(hours=25)
    assert now_limited_to(world, player.id) == kes(50)


def test_a_raise_counts_after_a_day(world: World) -> None:
    player = world.has_player()
    limits_to(world, player.id, kes(100))
    limits_to(world, player.id, kes(300))
    world.moves(hours=23, minutes=59)
    assert now_limited_to(world, player.id) == kes(100)
    world.moves(minutes=1, seconds=1)
    assert now_limited_to(world, player.id) == kes(300)
