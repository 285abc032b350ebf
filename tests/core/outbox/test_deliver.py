"""The worker's promises: one verdict a lease, no poison, waiting is no failure."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Row, text

from core.database import in_transaction
from core.outbox import records
from core.outbox.deliver import (
    LEASE,
    MAX_FAILURES,
    Done,
    Later,
    SetAside,
    Untried,
    Verdict,
    Worker,
)
from core.outbox.records import BACKGROUND, URGENT, Job
from tests.world import World


def ask(world: World, kind: str = "work", **options: int) -> None:
    in_transaction(world.database, lambda c: records.ask(c, kind=kind, **options))  # type: ignore[arg-type]


def row(world: World) -> Row[*tuple[object, ...]]:
    with world.owner.connect() as connection:
        return connection.execute(text("SELECT * FROM outbox ORDER BY id")).one()


def worker(world: World, handle: Callable[[Job], Verdict]) -> Worker:
    return Worker(world.database, {"work": handle})


def _resting(stop: threading.Event) -> Callable[[float], None]:
    def rest(seconds: float) -> None:
        stop.wait(seconds)

    return rest


def test_what_is_done_is_not_done_again(world: World) -> None:
    done: list[Job] = []

    def handle(job: Job) -> Verdict:
        done.append(job)
        return Done()

    ask(world)
    assert worker(world, handle).run_due() == 1
    assert worker(world, handle).run_due() == 0
    assert len(done) == 1


def test_two_workers_never_hold_one_job(world: World) -> None:
    for _job in range(20):
        ask(world)
    taken: list[int] = []
    start = threading.Barrier(2)

    def handle(job: Job) -> Verdict:
        taken.append(job.id)
        return Done()

    def work() -> None:
        start.wait()
        while worker(world, handle).run_due():
            pass

    threads = [threading.Thread(target=work) for _worker in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 20


def test_a_verdict_after_the_lease_has_passed_on_is_not_written(world: World) -> None:
    ask(world)

    def overtaken(_job: Job) -> Verdict:
        world.moves(seconds=LEASE.total_seconds() + 1)
        assert worker(world, lambda _again: Later(timedelta(hours=1))).run_due() == 1
        return Done()

    worker(world, overtaken).run_due()
    assert row(world).done_at is None
    assert row(world).attempts == 2


def test_a_job_that_keeps_breaking_is_set_aside_and_says_why(world: World) -> None:
    ask(world)

    def breaks(_job: Job) -> Verdict:
        raise ZeroDivisionError

    for _try in range(MAX_FAILURES):
        assert row(world).set_aside_at is None
        assert worker(world, breaks).run_due() == 1
        world.moves(hours=1)
    assert row(world).set_aside_at is not None
    assert row(world).last_error == "ZeroDivisionError"
    assert worker(world, breaks).run_due() == 0


def test_waiting_is_no_failure(world: World) -> None:
    ask(world)
    for _wait in range(MAX_FAILURES + 2):
        worker(world, lambda _job: Later(timedelta(seconds=1))).run_due()
        world.moves(seconds=2)

    def breaks(_job: Job) -> Verdict:
        raise ZeroDivisionError

    worker(world, breaks).run_due()
    assert row(world).set_aside_at is None
    assert row(world).failures == 1


def test_what_never_ends_begins_anew_with_its_failures_forgotten(world: World) -> None:
    def begins() -> None:
        in_transaction(world.database, lambda c: records.ask_for_ever(c, kind="work"))

    def breaks(_job: Job) -> Verdict:
        raise ZeroDivisionError

    begins()
    for _try in range(MAX_FAILURES):
        worker(world, breaks).run_due()
        begins()
        world.moves(hours=1)
    assert row(world).set_aside_at is None, "it was, and was asked for again"
    assert (row(world).attempts, row(world).failures) == (0, 0)
    worker(world, breaks).run_due()
    begins()
    assert (row(world).set_aside_at, row(world).failures) == (None, 1)


def test_what_is_hurried_loses_no_try_by_it_while_it_is_young(world: World) -> None:
    ask(world)
    day = timedelta(days=1)

    def fails_and_is_hurried() -> int:
        worker(world, lambda _job: Later(timedelta(hours=1), "HTTP 500")).run_due()
        return in_transaction(
            world.database, lambda c: records.hurry(c, kind="work", limit=9, free_for=day)
        )

    assert [fails_and_is_hurried() for _try in range(3)] == [1, 1, 1]
    assert row(world).attempts == 0
    worker(world, lambda _job: Untried(timedelta(hours=1))).run_due()
    in_transaction(world.database, lambda c: records.hurry(c, kind="work", limit=9, free_for=day))
    assert row(world).attempts == 0, "never fewer than none"
    world.moves(hours=24)
    assert [fails_and_is_hurried() for _try in range(3)] == [1, 1, 1]
    assert row(world).attempts == 3


def test_only_its_kind_is_hurried_and_only_after_an_error(world: World) -> None:
    hour, verdicts = timedelta(hours=1), {"work": None, "other": "HTTP 500"}
    for kind in verdicts:
        ask(world, kind=kind)
    both = Worker(
        world.database, {kind: lambda job: Later(hour, verdicts[job.kind]) for kind in verdicts}
    )
    assert both.run_due() == 2
    hurried = in_transaction(
        world.database, lambda c: records.hurry(c, kind="work", limit=9, free_for=hour)
    )
    assert (hurried, both.run_due()) == (0, 0), "news that waits for the morning stays till then"


def test_what_a_worker_does_not_know_waits_for_one_of_the_next_release(world: World) -> None:
    ask(world, kind="unheard of")
    assert worker(world, lambda _job: Done()).run_due() == 0
    assert (row(world).attempts, row(world).set_aside_at) == (0, None)
    assert Worker(world.database, {"unheard of": lambda _job: Done()}).run_due() == 1
    assert row(world).done_at is not None


def test_a_handler_may_set_a_job_aside(world: World) -> None:
    ask(world)
    worker(world, lambda _job: SetAside("no such player")).run_due()
    assert row(world).last_error == "no such player"


def test_urgent_work_goes_first(world: World) -> None:
    for priority in (BACKGROUND, URGENT, BACKGROUND):
        ask(world, priority=priority)
    order: list[int] = []

    def handle(job: Job) -> Verdict:
        order.append(job.id)
        return Done()

    worker(world, handle).run_due()
    assert order[0] == sorted(order)[1]


def test_a_key_asks_once(world: World) -> None:
    for _again in range(3):
        in_transaction(world.database, lambda c: records.ask(c, kind="work", key="once"))
    assert world.count("outbox") == 1


def test_a_worker_stops_when_told_and_has_worked_until_then(world: World) -> None:
    ask(world)
    stop = threading.Event()

    def handle(_job: Job) -> Verdict:
        stop.set()
        return Done()

    worker(world, handle).run_until(stop, rest=_resting(stop))
    assert row(world).done_at is not None


@pytest.mark.parametrize("threads", [1, 4])
def test_a_slow_job_does_not_hold_up_the_others(world: World, threads: int) -> None:
    for _job in range(3):
        ask(world)
    stop, release = threading.Event(), threading.Event()
    done: list[int] = []

    def handle(job: Job) -> Verdict:
        if not done and threads > 1 and not release.is_set():
            release.set()
            # Ends only after somebody else has finished: with one thread it would hang.
            while not done:
                stop.wait(0.01)
        done.append(job.id)
        if len(done) == 3:
            stop.set()
        return Done()

    several = Worker(world.database, {"work": handle}, threads=threads)
    several.run_until(stop, rest=_resting(stop))
    assert len(done) == 3


def test_a_job_that_waited_too_long_for_a_thread_is_given_back(world: World) -> None:
    ask(world)
    done: list[Job] = []

    def handle(job: Job) -> Verdict:
        done.append(job)
        return Done()

    late = worker(world, handle)
    (job,) = late._claim(limit=1)
    late._do(job, start_by=time.monotonic() - 1)
    assert done == []
    assert late.run_due() == 1
    assert [again.id for again in done] == [job.id]


def test_what_is_urgent_does_not_wait_for_slow_jobs(world: World) -> None:
    for _job in range(3):
        ask(world)
    stop, is_urgent = threading.Event(), threading.Event()
    late: list[bool] = []

    def slow(_job: Job) -> Verdict:
        if not late:
            ask(world, kind="urgent", priority=URGENT)
        # With one thread for everything the urgent one would wait for all of these.
        late.append(not is_urgent.wait(5))
        if len(late) == 3:
            stop.set()
        return Done()

    def urgent(_job: Job) -> Verdict:
        is_urgent.set()
        return Done()

    one = Worker(world.database, {"work": slow, "urgent": urgent}, threads=1)
    one.run_until(stop, rest=_resting(stop))
    assert late == [False] * 3


def test_what_was_not_tried_is_no_try(world: World) -> None:
    ask(world)
    assert worker(world, lambda _job: Untried(timedelta(seconds=30))).run_due() == 1
    assert worker(world, lambda _job: Done()).run_due() == 0, "not before its time"
    world.moves(minutes=1)
    tries: list[int] = []

    def handle(job: Job) -> Verdict:
        tries.append(job.attempts)
        return Done()

    worker(world, handle).run_due()
    assert tries == [1]
