"""What a player does about the account leaves a trace, and never the PIN or the code."""

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.errors import Refused
from core.money import kes
from core.players.account import choose_language, take_break
from core.players.check_pin import check_pin
from core.players.limits import LimitKind, set_limit
from core.players.news import start_news, stop_news
from core.players.phone_code import Purpose, ask_code, draw_code, use_code
from core.players.records import Player
from core.players.rules import PIN_LOCKS
from core.text import Language
from tests.world import PIN, World


@pytest.fixture
def player(world: World) -> Player:
    return world.has_player()


def acts(world: World, kind: str) -> list[str]:
    query = text("SELECT act FROM audit_event WHERE act LIKE :kind ORDER BY id")
    with world.database.connect() as connection:
        return list(connection.execute(query, {"kind": f"{kind}.%"}).scalars())


def changes(world: World, act: str) -> list[tuple[object, object]]:
    query = text(
        "SELECT details->'before', details->'after' FROM audit_event WHERE act = :act ORDER BY id"
    )
    with world.database.connect() as connection:
        return [tuple(row) for row in connection.execute(query, {"act": act})]


def tries(world: World, player: Player, typed: str) -> None:
    with suppress(Refused):
        check_pin(world.database, player_id=player.id, typed=typed, pepper=world.pepper)


def test_each_try_at_a_pin_and_each_lock(world: World, player: Player) -> None:
    first_lock = min(PIN_LOCKS)
    for _try in range(first_lock):
        tries(world, player, "9911")
    tries(world, player, PIN)
    world.moves(hours=1)
    tries(world, player, PIN)
    assert acts(world, "pin") == [
        *["pin.wrong"] * first_lock,
        "pin.locked",
        "pin.refused",
        "pin.proven",
    ]


def test_each_code_that_is_asked_for_drawn_mistyped_and_used(world: World, player: Player) -> None:
    purpose = Purpose.PIN_RESET

    def types(code: str) -> None:
        use_code(
            world.database,
            player_id=player.id,
            purpose=purpose,
            typed=code,
            pepper=world.pepper,
            then=lambda _connection: None,
        )

    in_transaction(world.database, lambda c: ask_code(c, player_id=player.id, purpose=purpose))
    code = in_transaction(
        world.database,
        lambda c: draw_code(c, player_id=player.id, purpose=purpose, pepper=world.pepper),
    )
    with pytest.raises(Refused):
        types(f"{(int(code) + 1) % 10**6:06}")
    types(code)
    with pytest.raises(Refused):
        types(code)
    registering, *resetting = acts(world, "code")
    assert registering == "code.asked"
    assert resetting == ["code.asked", "code.drawn", "code.wrong", "code.used"]


def test_what_a_player_chooses_is_kept_with_what_was_before(world: World, player: Player) -> None:
    def does(use_case, **options) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN003
        in_transaction(world.database, lambda c: use_case(c, **options))

    for language in (Language.SWAHILI, Language.SWAHILI):
        does(choose_language, player_id=player.id, language=language)
    for amount in (kes(100), kes(50)):
        does(set_limit, player_id=player.id, kind=LimitKind.STAKE, amount=amount)
    for _repeat in range(2):
        does(stop_news, phone=player.phone)
    does(start_news, phone=player.phone)
    does(take_break, player_id=player.id, length=timedelta(days=1))

    assert changes(world, "player.language") == [({"language": "en"}, {"language": "sw"})]
    assert changes(world, f"limit.{LimitKind.STAKE}") == [
        ({"cents": None}, {"cents": 10_000}),
        ({"cents": 10_000}, {"cents": 5_000}),
    ]
    assert changes(world, "player.news") == [
        ({"news": "yes"}, {"news": "no"}),
        ({"news": "no"}, {"news": "yes"}),
    ]
    [(before, after)] = changes(world, "player.break")
    assert before == {"break_until": None}
    assert isinstance(after, dict)
    assert after["break_until"]
