"""What a receipt that did not arrive is to its own player, and to everybody else."""

import pytest
from sqlalchemy import select

from core.database import in_transaction
from core.errors import NoSuchThing
from core.notices import send, texts
from core.notices.missed import find_missed, mark_shown, read_missed
from core.notices.notify import Notice
from core.notices.records import sms_out
from core.players.find_caller import find_caller
from core.players.records import Player
from tests.core.notices.post import HAND, begun
from tests.world import World

OTHER = "+254700000002"


@pytest.fixture
def player(world: World) -> Player:
    return world.has_player()


@pytest.fixture
def missed(world: World, player: Player) -> int:
    """A receipt to the player that was refused."""
    notice = Notice(player.id, player.phone, player.language, "bet_placed", texts.pin_changed())
    sms_id = begun(world.database, notice)
    in_transaction(
        world.database, lambda c: send.record_refused(c, sms_id=sms_id, failure="UserInBlacklist")
    )
    return sms_id


def test_it_is_found_for_its_player_alone(world: World, player: Player, missed: int) -> None:
    other = world.has_player(OTHER)
    with world.database.connect() as connection:
        assert find_missed(connection, player_id=player.id) == missed
        assert find_missed(connection, player_id=other.id) is None
        for phone, found in ((player.phone, missed), (OTHER, None)):
            caller = find_caller(connection, phone=phone)
            assert caller is not None
            assert (caller.player.phone, caller.missed) == (phone, found)
        assert find_caller(connection, phone="+254700000003") is None


def test_nobody_else_can_read_it_or_call_it_read(world: World, player: Player, missed: int) -> None:
    other = world.has_player(OTHER)
    with world.database.begin() as connection:
        shown = read_missed(connection, player_id=player.id, sms_id=missed)
        assert shown.body == texts.pin_changed().in_(player.language)
        assert "PIN" not in repr(shown)
        with pytest.raises(NoSuchThing):
            read_missed(connection, player_id=other.id, sms_id=missed)
        mark_shown(connection, player_id=other.id, sms_id=missed)
        assert find_missed(connection, player_id=player.id) == missed


def test_the_first_moment_of_reading_stays(world: World, player: Player, missed: int) -> None:
    moments = []
    for _repeat in range(2):
        with world.database.begin() as connection:
            mark_shown(connection, player_id=player.id, sms_id=missed)
            moments.append(connection.execute(select(sms_out.c.shown_at)).scalar_one())
        world.moves(hours=1)
    assert moments[0] is not None
    assert moments[0] == moments[1]


def test_a_code_has_no_words_to_show_even_to_its_own_player(world: World, player: Player) -> None:
    with world.database.begin() as connection:
        sms_id = send.begin_code(connection, player_id=player.id, phone=player.phone, to=HAND)
        send.record_refused(connection, sms_id=sms_id, failure="UserInBlacklist")
        with pytest.raises(NoSuchThing):
            read_missed(connection, player_id=player.id, sms_id=sms_id)
