"""Redis hangs, dies or forgets: a polite page in time, and no money depends on it."""

from collections.abc import Callable

import pytest
from redis import Redis

from tests.chaos.engines.edge import (
    LONGEST_HOP_SECONDS,
    MAY_STAND,
    NOTHING_KNOWN,
    QUICK_SECONDS,
    Edge,
    answered_within,
)
from tests.chaos.engines.machine import Machine
from tests.phone import Phone
from tests.world import PIN

pytestmark = pytest.mark.processes


def halts(machine: Machine) -> None:
    machine.halts("redis")


def kills(machine: Machine) -> None:
    machine.kills("redis")


@pytest.mark.parametrize("fail", [halts, kills])
def test_before_a_hop(edge: Edge, fail: Callable[[Machine], None]) -> None:
    phone = edge.bettor()
    counted = edge.failures("session")
    fail(edge.machine)

    hops: list[Callable[[], Phone]] = [lambda: phone.type(PIN), phone.repeats, phone.dial]
    for hop in hops:
        with answered_within(LONGEST_HOP_SECONDS):
            hop().has_hung_up()
        english, swahili = phone.screen.splitlines()
        assert english == NOTHING_KNOWN
        assert swahili.startswith("Samahani, ")
    assert edge.failures("session") == counted + 3

    edge.machine.is_whole_again()
    with answered_within(QUICK_SECONDS):
        phone.dial().shows("1. ")
    assert edge.stands() is False


@pytest.mark.parametrize("fail", [halts, kills])
@pytest.mark.parametrize("last_words", ["bet_situation", "COMMIT"])
def test_between_the_two_trips_of_a_bet(
    edge: Edge, fail: Callable[[Machine], None], last_words: str
) -> None:
    phone = edge.bettor()
    edge.before(last_words, lambda: fail(edge.machine))

    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).shows("Bet placed. Ref ").has_hung_up()
    assert edge.stands()
    with answered_within(LONGEST_HOP_SECONDS):
        phone.dial().has_hung_up()
    assert "No money was taken" not in phone.screen

    edge.machine.is_whole_again()
    with answered_within(QUICK_SECONDS):
        phone.dial().lacks("not placed")
    assert edge.stands()


def test_halted_while_the_database_is_too(edge: Edge) -> None:
    def everything_stops() -> None:
        edge.machine.halts("postgres")
        edge.machine.halts("redis")

    phone = edge.bettor()
    edge.before("COMMIT", everything_stops)
    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).has_hung_up()
    assert phone.screen == MAY_STAND

    edge.machine.is_whole_again()
    assert edge.tells() is True
    assert edge.stands() is True


@pytest.mark.parametrize("last_words", ["bet_situation", "COMMIT"])
def test_halted_only_for_a_while(edge: Edge, last_words: str) -> None:
    phone = edge.bettor()
    edge.before(last_words, lambda: edge.machine.halts("redis"))
    with answered_within(LONGEST_HOP_SECONDS):
        phone.type(PIN).shows("Bet placed. Ref ")
    edge.machine.goes_on("redis")

    with answered_within(QUICK_SECONDS):
        phone.dial()
    assert edge.tells() is True


def test_restarted_it_still_knows_where_callers_stand(edge: Edge, redis_client: Redis) -> None:
    phone = edge.bettor()
    redis_client.save()
    edge.machine.stops("redis")
    edge.machine.starts_again("redis")

    with answered_within(QUICK_SECONDS):
        phone.type(PIN).shows("Bet placed. Ref ")
    assert edge.stands()


def test_flushed_it_knows_nobody(edge: Edge, redis_client: Redis) -> None:
    phone = edge.bettor()
    redis_client.flushall()

    with answered_within(QUICK_SECONDS):
        phone.type(PIN).lacks("Bet placed").lacks("problem")
    phone.dial().shows("1. Bet")
    assert edge.stands() is False
