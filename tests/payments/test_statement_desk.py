"""What the worker does about statements by itself, each morning and while a push is lost."""

from datetime import datetime, timedelta

import pytest
from redis import Redis
from sqlalchemy import text
from structlog.testing import capture_logs

from core.alarms.list_alarms import open_alarms
from core.clock import in_nairobi
from core.database import in_transaction, now
from core.deposits.records import Deposit
from core.money import kes
from core.outbox.deliver import Worker
from core.settings import Settings
from payments.mpesa.pull import open_pull
from payments.statement_desk import MATCH_SECONDS, begin, jobs
from tests.payments.daraja import Daraja, error
from tests.payments.pull_api import PullApi, kept
from tests.payments.till import PHONE, Till


class Night:
    """A worker that has only its statements to do, and a clock that is moved to its next job."""

    def __init__(self, till: Till, api: PullApi, settings: Settings, redis_client: Redis) -> None:
        self.till, self.api, self.world, self.settings = till, api, till.world, settings
        self.source = open_pull(settings=settings, redis_client=redis_client)
        self.has(match_seconds=MATCH_SECONDS)
        # Far from half past five, when the day's own statement is asked for.
        self.world.comes_to(9)
        begin(self.world.database)

    def has(self, *, match_seconds: float) -> None:
        """A worker that matches for so long at a time."""
        handlers = jobs(
            database=self.world.database,
            source=self.source,
            settings=self.settings,
            match_seconds=match_seconds,
        )
        self.worker = Worker(self.world.database, handlers)

    @property
    def now(self) -> datetime:
        return in_nairobi(in_transaction(self.world.database, now))

    def due(self, kind: str) -> list[datetime]:
        query = "SELECT due_at FROM outbox WHERE kind = :kind AND done_at IS NULL ORDER BY due_at"
        with self.world.database.connect() as connection:
            found = connection.execute(text(query), {"kind": kind}).scalars()
            return [in_nairobi(moment) for moment in found]

    def comes(self, kind: str) -> None:
        """Time passes until the next job of this kind is due, and it is done with what follows."""
        [due] = self.due(kind)
        self.world.moves(seconds=(due - self.now).total_seconds() + 1)
        self.works()

    def works(self) -> int:
        """Do all that is due; tells how many jobs that were."""
        return sum(iter(self.worker.run_due, 0))

    def has_lost_a_push(self) -> Deposit:
        asked = self.till.asks(kes(500))
        with self.world.database.begin() as connection:
            for state in ("submitting", "submit_unknown"):
                change = f"UPDATE deposit SET state = '{state}', pushed_at = kibeezy_now()"
                connection.execute(text(change))
            connection.execute(text("UPDATE outbox SET done_at = due_at WHERE kind LIKE 'stk%'"))
        return asked


@pytest.fixture
def night(till: Till, daraja: Daraja, settings: Settings, redis_client: Redis) -> Night:
    return Night(till, PullApi(daraja), settings, redis_client)


def test_each_morning_at_half_past_five_the_next_is_asked_for(night: Night) -> None:
    [first] = night.due("reconcile_daily")
    assert (first.hour, first.minute) == (5, 30)
    night.comes("reconcile_daily")
    [second] = night.due("reconcile_daily")
    assert second == first + timedelta(days=1)
    assert len(night.api.queried) == 1


def test_a_second_worker_asks_for_nothing_more(night: Night) -> None:
    begin(night.world.database)
    assert len(night.due("reconcile_daily")) == 1
    assert len(night.due("pull_statement")) == 1


def test_the_morning_pulls_matches_and_counts_the_breaks(night: Night) -> None:
    night.api.rows = [kept("SKP0000001", kes(300), night.now, billreference=PHONE)]
    bad = kept("SKP0000002", kes(70), night.now, transactiontype="reversal")
    night.api.rows.append(bad)
    with capture_logs() as logs:
        night.comes("reconcile_daily")
    assert night.till.wallet == kes(300)
    assert [entry["count"] for entry in logs if entry["event"] == "statement_breaks"] == [1]
    night.comes("reconcile_daily")
    assert night.till.wallet == kes(300)


def test_breaks_call_for_a_person_who_is_not_told_each_morning(night: Night) -> None:
    night.comes("reconcile_daily")
    assert in_transaction(night.world.database, open_alarms) == []
    night.api.rows = [kept("SKP0000002", kes(70), night.now, transactiontype="reversal")]
    for _ in range(2):
        night.comes("reconcile_daily")
    [alarm] = in_transaction(night.world.database, open_alarms)
    assert (alarm.kind, alarm.subject, alarm.times) == ("statement_breaks", "statement", 2)
    assert "differ in 1 places" in alarm.why


def test_more_lines_than_there_is_time_for_are_left_to_further_jobs(night: Night) -> None:
    # Three that nothing explains stay open, and must not be looked at for ever.
    night.api.rows = [
        kept(f"SKP000000{n}", kes(70), night.now, transactiontype="reversal") for n in range(3)
    ]
    night.api.rows.append(kept("SKP0000009", kes(300), night.now, billreference=PHONE))
    night.has(match_seconds=0)
    with capture_logs() as logs:
        night.comes("reconcile_daily")
    said = [entry["event"] for entry in logs]
    assert said.count("statement_matched") == 5, "a line each, and a look for more"
    assert [entry["count"] for entry in logs if entry["event"] == "statement_breaks"] == [3]
    assert len(night.api.queried) == 2, "a page, and that it was the last"
    assert night.till.wallet == kes(300)


def test_a_lost_push_is_found_within_the_hour(night: Night) -> None:
    lost = night.has_lost_a_push()
    night.api.rows = [kept("SKP0000001", kes(500), night.now, billreference=lost.reference.lower())]
    night.comes("pull_statement")
    assert night.till.state(lost) == "succeeded"
    assert night.till.now(lost).receipt == "SKP0000001"
    assert night.till.wallet == kes(500)


def test_while_nothing_is_lost_nobody_is_asked(night: Night) -> None:
    night.comes("pull_statement")
    night.comes("pull_statement")
    assert night.api.queried == []
    assert len(night.due("pull_statement")) == 1


def test_while_a_push_is_lost_each_hour_asks_once(night: Night) -> None:
    night.has_lost_a_push()
    for _ in range(3):
        night.comes("pull_statement")
        assert len(night.due("pull_statement")) == 1
    assert len(night.api.queried) == 3


def test_where_no_statement_comes_it_is_asked_for_again_and_then_left(night: Night) -> None:
    night.api.first.extend([error("500.003.02", "System is busy.")] * 4)
    night.comes("reconcile_daily")
    for _ in range(3):
        assert len(night.due("reconcile_daily")) == 2, "this morning's, and tomorrow's"
        night.world.moves(minutes=16)
        night.works()
    assert len(night.api.queried) == 4
    assert len(night.due("reconcile_daily")) == 1


def test_what_came_before_is_held_against_the_books_where_no_statement_comes(
    night: Night,
) -> None:
    night.api.rows = [kept("SKP0000002", kes(70), night.now, transactiontype="reversal")]
    night.comes("reconcile_daily")
    night.api.first.append((200, "<html>"))
    with capture_logs() as logs:
        night.comes("reconcile_daily")
    said = [entry["event"] for entry in logs if entry["log_level"] in {"warning", "error"}]
    assert said == ["statement_not_pulled", "statement_breaks"]
