"""A real process is killed while it settles or corrects; another goes on, and no cent is lost."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from sqlalchemy import func, select, text

from core.ledger.transfer import AccountKind
from core.markets.records import settlement_chunk
from core.markets.rules import MarketStatus, Outcome
from core.money import kes
from core.notices.records import sms_out
from tests.chaos.street import eventually
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.crowd import crowd_bets
from tests.core.markets.test_settlement import system
from tests.world import World

CROWD, LINES = 300, 5
_WORTH = text("""
    SELECT a.kind, count(DISTINCT e.account_id), sum(e.cents) FROM entry e
    JOIN account a ON a.id = e.account_id JOIN player p ON p.id = a.owner
    WHERE p.full_name = 'One of Many' GROUP BY a.kind ORDER BY a.kind
""")


@contextmanager
def settler(world: World, market_id: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that pays the market, five lines at a time."""
    url = world.settings.database_url
    command = [sys.executable, "-m", "tests.core.markets.settler", url, str(market_id), str(LINES)]
    with subprocess.Popen(command) as process:
        yield process
        process.kill()


def chunks(world: World, version: int) -> int:
    query = select(func.count()).where(settlement_chunk.c.version == version)
    with world.database.connect() as connection:
        return int(connection.execute(query).scalar_one())


def has_paid(world: World, version: int, so_far: int) -> bool:
    return chunks(world, version) >= so_far


def is_killed_three_times(world: World, market_id: int, *, version: int) -> None:
    for so_far in (3, 20, 40):
        with settler(world, market_id):
            eventually(partial(has_paid, world, version, so_far))
        assert chunks(world, version) < CROWD / LINES
        world.ledger_is_sound()


def told(world: World, kind: str) -> int:
    query = select(func.count(sms_out.c.phone.distinct()), func.count()).where(
        sms_out.c.kind == kind
    )
    with world.database.connect() as connection:
        players, messages = connection.execute(query).one()
    assert players == messages, "one message for each"
    return int(messages)


def test_a_settlement_and_its_correction_outlive_those_who_pay_them(
    world: World, bookmaker: Bookmaker
) -> None:
    market = world.has_market()
    crowd_bets(world, market, size=CROWD)
    bookmaker.closes(market)
    bookmaker.proposes(market, Outcome.YES)
    bookmaker.resolves(market)
    is_killed_three_times(world, market, version=1)
    bookmaker.pays(market)
    assert bookmaker.market(market).status is MarketStatus.SETTLED
    # 30,000 staked, a third of it on NO: 27,000 to the 200 winners, 135 each.
    assert system(world, AccountKind.FEE_REVENUE) == kes(3_000)
    assert told(world, "bets_settled") == CROWD

    bookmaker.corrects(market, Outcome.NO)
    bookmaker.resolves(market)
    is_killed_three_times(world, market, version=2)
    bookmaker.pays(market)
    assert bookmaker.market(market).outcome is Outcome.NO
    assert system(world, AccountKind.FEE_REVENUE) == kes(3_000)
    assert told(world, "bets_corrected") == CROWD
    with world.database.connect() as connection:
        worth = [tuple(row) for row in connection.execute(_WORTH)]
    assert worth == [("player_available", CROWD, kes(27_000).cents)]
