"""PostgreSQL is killed, blocked or crowded: a true page in time, and no shilling astray."""

import time

import pytest
from sqlalchemy import text
from sqlalchemy.pool import QueuePool

from tests.chaos.callers import waiting
from tests.chaos.engines.edge import (
    LONGEST_HOP_SECONDS,
    MAY_STAND,
    QUICK_SECONDS,
    Edge,
    answered_within,
)
from tests.chaos.street import at_once, eventually
from tests.phone import Phone
from tests.world import PIN

pytestmark = pytest.mark.processes

# More than a process has connections.
CROWD = 30


@pytest.mark.parametrize("killed_before", ["UPDATE player_pin", "post_transfer", "COMMIT"])
def test_killed_in_the_middle_of_a_bet(edge: Edge, killed_before: str) -> None:
    phone = edge.bettor()
    edge.before(killed_before, lambda: edge.machine.kills("postgres"))

    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).has_hung_up()
    assert phone.screen == MAY_STAND
    with answered_within(QUICK_SECONDS):
        phone.dial().has_hung_up()
    assert phone.screen == MAY_STAND

    edge.database_comes_back()
    with answered_within(QUICK_SECONDS):
        phone.dial().shows("Your last bet was not placed.")
    assert not edge.stands()


def test_what_was_acknowledged_outlives_the_kill(edge: Edge) -> None:
    phone = edge.bettor().type(PIN).shows("Bet placed")
    edge.machine.kills("postgres")
    edge.database_comes_back()

    with answered_within(QUICK_SECONDS):
        phone.dial().shows("Your last bet was placed. Ref ")
    assert edge.stands()


@pytest.mark.parametrize(
    ("locked", "kind"),
    [
        ("SELECT pg_advisory_xact_lock(1, id::integer) FROM market", "advisory"),
        ("SELECT FROM balance FOR UPDATE", "transactionid"),
    ],
    ids=["market", "wallet"],
)
def test_a_lock_that_nobody_lets_go(edge: Edge, locked: str, kind: str) -> None:
    phone = edge.bettor()
    with edge.world.owner.connect() as other:
        other.execute(text(locked))
        with answered_within(LONGEST_HOP_SECONDS):
            phone.type(PIN).has_hung_up()
        assert phone.screen == MAY_STAND
        eventually(lambda: waiting(edge.world, kind) == 0)

    assert edge.tells() is False
    assert edge.stands() is False


def test_more_hops_than_connections(edge: Edge) -> None:
    numbers = [f"+2547000001{n:02}" for n in range(CROWD)]
    phones = [edge.bettor(number) for number in numbers]
    pool = edge.database.pool
    assert isinstance(pool, QueuePool)
    with edge.world.owner.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(1, id::integer) FROM market"))

        def crowded() -> float:
            eventually(lambda: pool.checkedout() == 20)
            return 0.0

        seconds = at_once(*[lambda phone=phone: bets(phone) for phone in phones], crowded)

    assert max(seconds) < LONGEST_HOP_SECONDS, seconds
    assert {phone.screen for phone in phones} == {MAY_STAND}
    assert [edge.tells(number) for number in numbers] == [False] * CROWD
    assert [edge.stands(number) for number in numbers] == [False] * CROWD
    with answered_within(QUICK_SECONDS):
        phones[0].dial().choose("Start again").shows("1. Bet")


def bets(phone: Phone) -> float:
    began = time.monotonic()
    phone.type(PIN).has_hung_up()
    return time.monotonic() - began
