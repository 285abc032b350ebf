"""The worker looks at the invariants each minute, and what breaks one stops until a person says."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from core.database import in_transaction
from core.ledger.groups import INVARIANTS
from core.money import kes
from core.outbox.records import claim, set_aside
from core.staff.records import Role
from core.switches.rules import Switch
from core.watch.jobs import begin, begin_between, keep_watch
from core.watch.look import look
from core.watch.records import State
from core.watch.rules import EACH, Lane, Pace
from core.watch.write_down import write_down
from tests.core.watch.watchman import Watchman
from tests.world import ASHA

WALLET = "each balance equals its entries"
GIVEN_UP = "what was given up was not placed"
PLAN = "each plan is the one that was frozen"
ADD, TAKE = (
    "UPDATE balance SET cents = cents + 100 WHERE cents > 0",
    "UPDATE balance SET cents = cents - 100 WHERE cents > 0",
)
SLOW_HASH = """
    ALTER FUNCTION settlement_hash RENAME TO quick_settlement_hash;
    CREATE FUNCTION settlement_hash(market_id bigint, version integer) RETURNS bytea LANGUAGE sql AS
        'SELECT quick_settlement_hash(market_id, version) FROM pg_sleep(1.2)'
"""


@pytest.fixture(autouse=True)
def _somebody_has_money(watchman: Watchman) -> None:
    watchman.world.has_admin(ASHA, Role.OWNER, phone="+254711000001")
    watchman.world.has_admin("finance@kibeezy.test", Role.FINANCE, phone="+254711000002")
    watchman.world.has_admin("viewer@kibeezy.test", Role.VIEWER, phone="+254711000003")
    watchman.world.has_player("+254700000001", balance=kes(500))


def test_every_invariant_is_looked_at_each_minute(watchman: Watchman) -> None:
    assert watchman.named(State.LATE) == set(INVARIANTS), "nobody has looked yet"
    watchman.begins()
    first = watchman.standings()
    assert watchman.named(State.HOLDS) == set(INVARIANTS)
    watchman.looks(after_seconds=30)
    assert watchman.standings() == first, "not due yet"
    watchman.looks(after_seconds=31)
    for name, one in watchman.standings().items():
        assert one.checked_at is not None
        assert one.checked_at > (first[name].checked_at or one.checked_at)
        assert one.unbroken_since == first[name].unbroken_since
        assert one.seconds > 0
    assert watchman.alarms() == []


def test_what_nobody_has_looked_at_for_minutes_is_not_green(watchman: Watchman) -> None:
    watchman.begins()
    watchman.world.moves(minutes=7)
    assert watchman.named(State.LATE) == set(INVARIANTS)


def test_a_broken_invariant_stops_its_money_until_a_person_says_otherwise(
    watchman: Watchman,
) -> None:
    watchman.begins()
    watchman.does(ADD)
    watchman.looks(after_seconds=60)
    assert watchman.named(State.SUSPECTED) == {WALLET}
    assert (watchman.stopped(), watchman.alarms()) == (set(), []), "once may be a chance"

    watchman.looks(after_seconds=2)
    assert watchman.named(State.BROKEN) == {WALLET}
    assert watchman.stopped() == set(Switch)
    [alarm] = watchman.alarms()
    assert (alarm.kind, alarm.subject) == ("invariant", f"invariant:{WALLET}")
    assert alarm.why == (f"Broken: {WALLET}. Stopped: bets, deposits, settlements, withdrawals.")
    assert list(watchman.messages("alarm")) == ["+254711000001", "+254711000002"]
    one = watchman.standings()[WALLET]
    assert one.violations == 1
    assert one.details[0].endswith("shows 50100 cents, its entries 50000")

    watchman.looks(after_seconds=60)
    [alarm] = watchman.alarms()
    assert alarm.times == 1, "it is told once"
    watchman.does(TAKE)
    watchman.looks(after_seconds=60)
    assert watchman.named(State.HOLDS) == set(INVARIANTS)
    assert watchman.stopped() == set(Switch), "nothing is let run again by itself"
    assert watchman.acts() == ["invariant.broken", "invariant.mended"]

    watchman.lets_run(ASHA)
    watchman.looks(after_seconds=60)
    assert watchman.stopped() == set()


def test_what_holds_at_the_second_look_stops_nothing(watchman: Watchman) -> None:
    watchman.begins()
    watchman.does(ADD)
    watchman.looks(after_seconds=60)
    watchman.does(TAKE)
    watchman.looks(after_seconds=2)
    assert watchman.named(State.HOLDS) == set(INVARIANTS)
    watchman.does(ADD)
    watchman.looks(after_seconds=60)
    assert watchman.named(State.SUSPECTED) == {WALLET}, "the count begins anew"
    assert watchman.stopped() == set()
    watchman.does(TAKE)


def test_one_look_is_not_two_however_often_it_is_written_down(watchman: Watchman) -> None:
    watchman.does(ADD)
    seen = look(watchman.world.database, lane=Lane.QUICK, pace=watchman.pace)
    assert seen is not None
    for _worker in range(2):
        in_transaction(watchman.world.database, lambda c: write_down(c, seen=seen))
    assert watchman.named(State.SUSPECTED) == {WALLET}
    assert watchman.stopped() == set()
    watchman.does(TAKE)


def test_what_is_let_run_while_it_is_broken_is_stopped_again(watchman: Watchman) -> None:
    watchman.begins()
    watchman.does(ADD)
    watchman.sees_twice()
    told = len(list(watchman.messages("alarm")))
    watchman.lets_run(ASHA)
    watchman.looks(after_seconds=60)
    assert watchman.stopped() == set(Switch)
    [alarm] = watchman.alarms()
    assert alarm.times == 2
    assert len(list(watchman.messages("alarm"))) == 2 * told, "their phones ring again"
    watchman.does(TAKE)


def test_an_invariant_stops_only_what_it_speaks_of(watchman: Watchman) -> None:
    market_id = watchman.world.has_market()
    watchman.world.settles(market_id, "void")
    watchman.begins()
    watchman.does("UPDATE settlement SET finished_at = NULL")
    watchman.sees_twice()
    assert watchman.stopped() == {Switch.SETTLEMENTS, Switch.WITHDRAWALS}
    watchman.does("UPDATE settlement SET finished_at = kibeezy_now()")


def test_several_that_break_at_once_ring_once(watchman: Watchman) -> None:
    watchman.begins()
    watchman.does("DELETE FROM account WHERE kind = 'player_held'")
    watchman.does(ADD)
    watchman.sees_twice()
    assert len(watchman.named(State.BROKEN)) > 1
    [alarm] = watchman.alarms()
    assert ", and " in alarm.why
    watchman.does(TAKE)
    watchman.does(
        "INSERT INTO account (kind, owner) SELECT 'player_held', owner FROM account"
        " WHERE kind = 'player_available' AND owner IS NOT NULL"
    )
    watchman.does("DELETE FROM balance b WHERE cents = 0")
    watchman.does(
        "INSERT INTO balance (account_id) SELECT id FROM account WHERE kind = 'player_held'"
    )


def test_one_process_looks_at_a_time(watchman: Watchman) -> None:
    database, meet = watchman.world.database, threading.Barrier(2)
    watchman.does(ADD)
    with database.connect() as other:
        other.execute(text("SELECT pg_advisory_xact_lock(14, 0)"))
        assert keep_watch(database, lane=Lane.QUICK, pace=watchman.pace) == EACH
        assert watchman.named(State.LATE) == set(INVARIANTS), "the other one looks"
    begin(database)

    def works() -> None:
        meet.wait()
        watchman.worker.run_due()

    workers = [threading.Thread(target=works) for _number in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert watchman.named(State.SUSPECTED) == {WALLET}, "seen by one of them, once"
    assert len(watchman.named(State.HOLDS)) == len(INVARIANTS) - 1
    watchman.does(TAKE)


def test_a_slow_one_goes_on_in_its_own_lane_and_holds_nobody_up(watchman: Watchman) -> None:
    hurried = replace(watchman, pace=Pace(quick_seconds=0.8, slow_seconds=20.0))
    hurried.world.settles(hurried.world.has_market(), "void")
    hurried.does(SLOW_HASH)
    with hurried.world.database.connect() as other:
        # Somebody is at work in the slow lane for minutes.
        other.execute(text("SELECT pg_advisory_xact_lock(14, 1)"))
        hurried.begins()
        assert hurried.named(State.LATE) == {PLAN}, "the others did not wait for it"
        hurried.looks(after_seconds=61)
        hurried.looks(after_seconds=61)
        assert hurried.named(State.HOLDS) == set(INVARIANTS) - {PLAN}
    hurried.looks(after_seconds=61)
    assert hurried.named(State.HOLDS) == set(INVARIANTS)
    standing = hurried.standings()[PLAN]
    assert 1.2 <= standing.seconds < 20
    assert standing.due_at is not None
    assert standing.checked_at is not None
    assert standing.due_at - standing.checked_at >= EACH


def test_one_that_outlasts_every_lane_is_reported(watchman: Watchman) -> None:
    hurried = replace(watchman, pace=Pace(quick_seconds=0.8, slow_seconds=1.0))
    hurried.world.settles(hurried.world.has_market(), "void")
    hurried.does(SLOW_HASH)
    hurried.begins()
    hurried.looks(after_seconds=61)
    assert hurried.named(State.UNFINISHED) == {PLAN}
    assert hurried.standings()[PLAN].error == "canceling statement due to statement timeout"


def test_a_check_that_ends_in_an_error_is_reported_and_is_not_green(watchman: Watchman) -> None:
    watchman.begins()
    watchman.does("ALTER TABLE given_up RENAME COLUMN series TO serial")
    watchman.looks(after_seconds=61)
    assert watchman.named(State.UNFINISHED) == {GIVEN_UP}
    assert watchman.named(State.HOLDS) == set(INVARIANTS) - {GIVEN_UP}
    assert watchman.alarms() == [], "once is a hiccup"
    watchman.looks(after_seconds=61)
    watchman.looks(after_seconds=61)
    [alarm] = watchman.alarms()
    assert (alarm.kind, alarm.subject) == ("invariant_unchecked", f"invariant:{GIVEN_UP}")
    assert "series" in alarm.why
    assert alarm.times == 1
    assert watchman.stopped() == set(), "nobody knows that it is broken"

    watchman.does("ALTER TABLE given_up RENAME COLUMN serial TO series")
    watchman.looks(after_seconds=61)
    assert watchman.named(State.HOLDS) == set(INVARIANTS)


def test_an_error_never_ends_the_watch(watchman: Watchman) -> None:
    watchman.does("ALTER TABLE invariant RENAME TO gone")
    with capture_logs() as logs:
        watchman.begins()
    watchman.does("ALTER TABLE gone RENAME TO invariant")
    assert {one["event"] for one in logs} == {"watch_failed"}
    query = text("SELECT failures, last_error FROM outbox WHERE kind = 'watch_quick'")
    with watchman.world.database.connect() as connection:
        job = connection.execute(query).one()
    assert tuple(job) == (0, "ProgrammingError"), "so many failures would set it aside for good"
    watchman.looks(after_seconds=61)
    assert watchman.named(State.HOLDS) == set(INVARIANTS)


def test_a_worker_that_begins_takes_up_what_was_set_aside(watchman: Watchman) -> None:
    watchman.begins()
    watchman.world.moves(minutes=2)

    def old_release(connection):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        kinds = ("watch_quick", "watch_slow")
        jobs = claim(connection, kinds=kinds, limit=5, lease=timedelta(minutes=1))
        assert [set_aside(connection, job, error="nobody handles it") for job in jobs] == [True] * 2

    in_transaction(watchman.world.database, old_release)
    watchman.looks()
    assert watchman.named(State.HOLDS) == set(INVARIANTS)
    before = watchman.standings()
    database = watchman.world.database
    rest = begin_between(lambda _seconds: None, lambda: begin(database), every=timedelta(0))
    rest(0.2)
    watchman.looks()
    assert watchman.standings() != before
