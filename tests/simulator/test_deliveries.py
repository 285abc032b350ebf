"""Deliveries and identifiers by themselves, where the wire would show a guard only by luck."""

import random
import threading
from datetime import UTC, datetime, timedelta

import pytest

from simulator.clock import Clock
from simulator.deliveries import Deliveries
from simulator.identifiers import Identifiers

MORNING = datetime(2026, 11, 25, 3, tzinfo=UTC)


@pytest.fixture
def deliveries() -> Deliveries:
    deliveries = Deliveries(clock=Clock())
    deliveries.stand(MORNING)
    return deliveries


def test_a_promise_by_a_standing_clock_keeps_its_place_whenever_it_is_started(
    deliveries: Deliveries,
) -> None:
    ran: list[str] = []
    first = deliveries.promise(lambda: ran.append("first"), after_seconds=5)
    deliveries.deliver(lambda: ran.append("second"), after_seconds=5)
    first.start()
    assert deliveries.advance_to(MORNING + timedelta(seconds=5)) == 2
    assert ran == ["first", "second"]


def test_what_is_cancelled_does_not_run(deliveries: Deliveries) -> None:
    ran: list[str] = []
    late = deliveries.time_out(lambda: ran.append("time-out"), after_seconds=5)
    deliveries.deliver(late.cancel, after_seconds=5 - 1)
    assert deliveries.advance_to(MORNING + timedelta(seconds=10)) == 1
    assert ran == []
    assert deliveries.next_due() is None
    assert deliveries.wait_until_idle(timeout_seconds=0)


def test_what_an_action_asks_for_runs_in_the_same_advance(deliveries: Deliveries) -> None:
    ran: list[str] = []
    deliveries.deliver(
        lambda: deliveries.deliver(lambda: ran.append("second"), after_seconds=5), after_seconds=5
    )
    assert deliveries.advance_to(MORNING + timedelta(seconds=10)) == 2
    assert ran == ["second"]


def test_the_clock_stands_where_an_action_failed(deliveries: Deliveries) -> None:
    def fail() -> None:
        raise LookupError

    deliveries.deliver(fail, after_seconds=5)
    with pytest.raises(LookupError):
        deliveries.advance_to(MORNING + timedelta(seconds=10))
    assert deliveries.wait_until_idle(timeout_seconds=0)
    assert deliveries.advance_to(MORNING + timedelta(seconds=10)) == 0


def test_what_waits_keeps_no_threads() -> None:
    running = Deliveries(clock=Clock())
    before = threading.active_count()
    for _ in range(2_000):
        running.deliver(lambda: None, after_seconds=3_600)
    assert threading.active_count() <= before + 1
    timekeeper = running._timekeeper
    assert timekeeper is not None
    running.cancel_all()
    assert running.wait_until_idle(timeout_seconds=5)
    timekeeper.join(5)
    assert not timekeeper.is_alive()


def test_by_the_running_clock_a_slow_one_keeps_nobody_waiting() -> None:
    running = Deliveries(clock=Clock())
    goes_on, ran = threading.Event(), threading.Event()
    running.deliver(lambda: goes_on.wait(5), after_seconds=0)
    running.deliver(ran.set, after_seconds=0.01)
    assert ran.wait(5)
    goes_on.set()
    assert running.wait_until_idle(timeout_seconds=5)


def test_what_is_due_sooner_does_not_wait_for_what_was_asked_for_before() -> None:
    running = Deliveries(clock=Clock())
    running.deliver(lambda: None, after_seconds=3_600)
    # At one of these the thread that keeps the time has surely gone to sleep.
    for _ in range(50):
        ran = threading.Event()
        running.deliver(ran.set, after_seconds=0)
        assert ran.wait(5)
    running.cancel_all()


def test_a_clock_that_stops_and_runs_again_keeps_what_is_left_of_a_delay() -> None:
    deliveries = Deliveries(clock=Clock())
    ran = threading.Event()
    deliveries.deliver(ran.set, after_seconds=1)
    deliveries.stand(MORNING)
    assert deliveries.next_due() is not None
    assert not ran.is_set()
    deliveries.run()
    assert ran.wait(5)


def test_a_receipt_is_never_drawn_twice_from_one_seed() -> None:
    chance = random.Random(7)  # noqa: S311 - a pretend network's receipts
    identifiers = Identifiers(chance=chance)
    first = identifiers.receipt(moment=MORNING)
    chance.seed(7)
    assert identifiers.receipt(moment=MORNING) != first
    identifiers.forget_receipts()
    chance.seed(7)
    assert identifiers.receipt(moment=MORNING) == first
