"""The crowd's rows are those of the use cases, and a wrong cent among them is noticed."""

import pytest
from sqlalchemy import Engine, text

from bench.books.cashier import withdraw
from bench.books.crowd import Crowd, bet, enough_for, gather
from bench.books.reckoning import compare
from core.ledger.audit import verify
from core.markets.rules import Outcome
from core.money import kes
from core.settings import Settings
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

BETS, PLAYERS = 60, 20


def crowd_of(world: World, market_id: int) -> Crowd:
    each = enough_for(BETS, size=PLAYERS)
    crowd = gather(world.owner, size=PLAYERS, each=each, progress=_unheard)
    bet(world.owner, crowd=crowd, market_ids=[market_id], bets=BETS, seed=1, progress=_unheard)
    return crowd


def test_a_crowd_leaves_the_books_sound(world: World) -> None:
    crowd = crowd_of(world, world.has_market())

    withdraw(world.owner, crowd=crowd, players=5, each=kes(100), progress=_unheard)

    assert world.count("bet") == BETS
    assert world.count("deposit") == PLAYERS
    assert world.count("withdrawal") == 5
    # The world verifies every invariant when the test is over.


def test_what_a_market_paid_is_what_its_bets_say(world: World) -> None:
    market_id = world.has_market()
    crowd_of(world, market_id)

    world.settles(market_id, "yes")

    assert compare(world.owner, market_id=market_id, outcome=Outcome.YES) == []
    other = compare(world.owner, market_id=market_id, outcome=Outcome.NO)
    assert sum("is due" in words for words in other) == BETS


@pytest.mark.parametrize("paid_to", ["the player", "another"])
def test_a_second_payout_of_a_bet_is_noticed(
    database: Engine, owner: Engine, settings: Settings, paid_to: str
) -> None:
    world = World(database, owner, settings)
    market_id = world.has_market()
    crowd_of(world, market_id)
    Bookmaker(world).ends(market_id, Outcome.YES)

    with owner.begin() as connection:
        connection.execute(
            text(
                "SELECT post_transfer('payout', 'again', b.id::text, sha256('x'), "
                " ARRAY[s.id, w.id], ARRAY[-100, 100], 'test', NULL, NULL, NULL)"
                " FROM bet b JOIN account w ON w.kind = 'player_available'"
                "   AND w.owner = b.player_id + CAST(:off AS integer)"
                " JOIN account s ON s.market = b.market_id AND s.side = b.side"
                " WHERE b.side = 'yes' ORDER BY b.id LIMIT 1"
            ),
            {"off": 0 if paid_to == "the player" else 1},
        )
        first = connection.execute(text("SELECT min(id) FROM bet WHERE side = 'yes'")).scalar_one()

    wrong = compare(owner, market_id=market_id, outcome=Outcome.YES)
    assert f"bet {first} was paid 2 times" in wrong
    assert any("was paid to player" in words for words in wrong) == (paid_to == "another")
    assert "-100 cents are left in the market" in wrong
    with database.connect() as connection:
        assert verify(connection) != []


def _unheard(done: int) -> None:
    assert done > 0
