"""The worker that pays a market is killed, and killed again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import text

from bench.books.crowd import bet, enough_for, gather
from bench.books.reckoning import compare
from core.markets.rules import Outcome
from core.settings import Settings
from tests.admin.terminal import environment_of
from tests.chaos.street import Member, eventually
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World

pytestmark = pytest.mark.processes
BETS, PLAYERS = 4_000, 800
LEASE_SECONDS = 61


@pytest.fixture
def worker(settings: Settings, redis_client: Redis, tmp_path: Path) -> Iterator[Member]:
    assert redis_client.ping()
    environment = {
        "PATH": "/usr/bin:/bin",
        "KIBEEZY_HOME": str(tmp_path / "home"),
        **environment_of(settings),
    }
    member = Member(("worker",), environment, tmp_path / "worker.log")
    yield member
    member.is_killed()


def test_a_settlement_whose_worker_is_killed_pays_each_line_once(
    world: World, bookmaker: Bookmaker, worker: Member
) -> None:
    market_id = world.has_market()
    each = enough_for(BETS, size=PLAYERS)
    crowd = gather(world.owner, size=PLAYERS, each=each, progress=_unheard)
    bet(world.owner, crowd=crowd, market_ids=[market_id], bets=BETS, seed=1, progress=_unheard)
    bookmaker.closes(market_id)
    bookmaker.proposes(market_id, Outcome.YES)
    bookmaker.resolves(market_id)

    killed_at = []
    for kill in range(3):
        # What a killed worker had taken is another's when its lease is over.
        world.moves(seconds=LEASE_SECONDS)
        worker.starts()
        due = BETS * kill // 3 + 1
        eventually(lambda due=due: paid(world, market_id) >= due)  # type: ignore[misc]
        worker.is_killed()
        killed_at.append(paid(world, market_id))
    world.moves(seconds=LEASE_SECONDS)
    worker.starts()
    eventually(lambda: bookmaker.market(market_id).settled_at)

    assert killed_at == sorted(killed_at)
    assert 0 < killed_at[0] < BETS
    assert compare(world.owner, market_id=market_id, outcome=Outcome.YES) == []


def paid(world: World, market_id: int) -> int:
    """How many lines had their turn."""
    query = text(
        "SELECT count(*) FROM settlement_line l JOIN settlement s USING (market_id)"
        " WHERE market_id = :market_id"
        " AND (l.player_id, l.bet_id) <= (s.through_player, s.through_bet)"
    )
    with world.database.connect() as connection:
        return int(connection.execute(query, {"market_id": market_id}).scalar_one())


def _unheard(done: int) -> None:
    assert done > 0
