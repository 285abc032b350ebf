"""A worker that is killed at every step of a payout: paid at most once, and never lost."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from redis import Redis
from sqlalchemy import text

from core.money import kes
from core.settings import Settings
from core.withdrawals.records import Withdrawal
from tests.chaos.callers import waiting
from tests.chaos.street import eventually
from tests.payments.cashier import Cashier, result_body, status_body
from tests.payments.paymaster import PATIENCE_SECONDS, Paymaster, paymaster_at_work
from tests.payments.test_killed_worker import ROOT, WORKER
from tests.payments.till import Till
from tests.world import World

MINUTES = (2, 3, 10, 45, 300, 1080, 11)


@pytest.fixture
def paymaster() -> Iterator[Paymaster]:
    with paymaster_at_work() as paymaster:
        yield paymaster


@pytest.fixture
def cashier(world: World, settings: Settings, redis_client: Redis, paymaster: Paymaster) -> Cashier:
    changes = {"mpesa_base_url": paymaster.url, "mpesa_queries_per_minute": 600_000}
    return Cashier(Till(world, settings.model_copy(update=changes), redis_client))


@contextmanager
def nothing_is_audited(world: World) -> Iterator[None]:
    """Whatever changes a withdrawal stops between the change and its commit."""
    with _locks(world, "LOCK TABLE audit_event IN SHARE ROW EXCLUSIVE MODE"):
        yield


@contextmanager
def no_job_is_finished(world: World) -> Iterator[None]:
    """What is done is committed, and nobody writes down that it is."""
    with _locks(world, "SELECT id FROM outbox WHERE kind = 'b2c_send' FOR UPDATE"):
        yield


@contextmanager
def nothing_is_noted(world: World) -> Iterator[None]:
    """The answer of the call has come, and cannot be written down."""
    with _locks(world, "SELECT id FROM withdrawal FOR UPDATE"):
        yield


@contextmanager
def no_question_is_written_down(world: World) -> Iterator[None]:
    with _locks(world, "LOCK TABLE status_question IN SHARE ROW EXCLUSIVE MODE"):
        yield


@contextmanager
def _locks(world: World, statement: str) -> Iterator[None]:
    with world.owner.connect() as connection:
        connection.execute(text(statement))
        yield
        connection.rollback()


def is_held_up(world: World) -> bool:
    return waiting(world, "relation") + waiting(world, "transactionid") > 0


@contextmanager
def a_worker(cashier: Cashier) -> Iterator[None]:
    """A process of its own that does what is due, and is killed at the end of the block."""
    settings = cashier.till.settings
    urls = [settings.database_url, settings.redis_url, settings.mpesa_base_url]
    with subprocess.Popen([sys.executable, "-c", WORKER, *urls], cwd=ROOT) as worker:
        yield
        assert worker.poll() is None, "it was done before it could be killed"
        worker.kill()


def killed_when_held_up(
    cashier: Cashier, hold: Callable[[World], AbstractContextManager[None]]
) -> None:
    with hold(cashier.world), a_worker(cashier):
        eventually(lambda: is_held_up(cashier.world))


def settled_by_the_truth(cashier: Cashier, paymaster: Paymaster, asked: Withdrawal) -> str:
    """Let a day pass, with M-Pesa answering what it is asked; returns how it ends."""
    paymaster.open_gates()
    answered = 0
    cashier.world.moves(seconds=61)
    cashier.works()
    for minutes in MINUTES:
        for question in paymaster.questions[answered:]:
            answered += 1
            if paymaster.paid[asked.originator_id]:
                told = status_body(asked, "Completed", conversation=f"AG_Q{answered}")
                cashier.answers(question, told)
        cashier.world.moves(minutes=minutes)
        cashier.works()
    assert max(paymaster.paid.values(), default=0) <= 1, "paid twice"
    left = cashier.held + cashier.wallet
    assert left == kes(500 if cashier.state(asked) == "paid" else 1000)
    due = "SELECT kind FROM outbox WHERE done_at IS NULL AND due_at <= kibeezy_now()"
    assert cashier.column(due) == [], "the queue drains"
    assert cashier.column("SELECT kind FROM outbox WHERE set_aside_at IS NOT NULL") == []
    return cashier.state(asked)


def test_before_the_claim_is_committed(cashier: Cashier, paymaster: Paymaster) -> None:
    asked = cashier.asks()
    killed_when_held_up(cashier, nothing_is_audited)
    assert (cashier.state(asked), paymaster.paid) == ("queued", {})
    assert settled_by_the_truth(cashier, paymaster, asked) == "paid"
    assert paymaster.paid[asked.originator_id] == 1


def test_after_the_claim_and_before_the_call(cashier: Cashier, paymaster: Paymaster) -> None:
    asked = cashier.asks()
    paymaster.token_gate.shut()
    with a_worker(cashier):
        assert paymaster.token_gate.reached.wait(PATIENCE_SECONDS)
    assert (cashier.state(asked), paymaster.paid) == ("sending", {})
    # Nobody can tell from here that the call was never made, so nobody makes it.
    assert settled_by_the_truth(cashier, paymaster, asked) == "manual"
    assert (paymaster.paid[asked.originator_id], cashier.held) == (0, kes(500))
    assert cashier.alarms() == ["withdrawal_manual"]


def test_during_the_call(cashier: Cashier, paymaster: Paymaster) -> None:
    asked = cashier.asks()
    paymaster.order_gate.shut()
    with a_worker(cashier):
        assert paymaster.order_gate.reached.wait(PATIENCE_SECONDS)
    assert cashier.state(asked) == "sending"
    cashier.works()
    assert cashier.state(asked) == "sending", "the dead worker's lease still runs"
    assert settled_by_the_truth(cashier, paymaster, asked) == "paid"


def test_after_the_answer_and_before_it_is_noted(cashier: Cashier, paymaster: Paymaster) -> None:
    asked = cashier.asks()
    paymaster.order_gate.shut()
    with a_worker(cashier):
        assert paymaster.order_gate.reached.wait(PATIENCE_SECONDS)
        with nothing_is_noted(cashier.world):
            paymaster.open_gates()
            eventually(lambda: is_held_up(cashier.world))
    assert cashier.state(asked) == "sending"
    assert settled_by_the_truth(cashier, paymaster, asked) == "paid"


def test_after_it_is_noted_and_before_the_job_is_finished(
    cashier: Cashier, paymaster: Paymaster
) -> None:
    asked = cashier.asks()
    paymaster.order_gate.shut()
    with a_worker(cashier):
        assert paymaster.order_gate.reached.wait(PATIENCE_SECONDS)
        with no_job_is_finished(cashier.world):
            paymaster.open_gates()
            eventually(lambda: is_held_up(cashier.world))
    assert cashier.state(asked) == "accepted"
    assert settled_by_the_truth(cashier, paymaster, asked) == "paid"


@pytest.mark.parametrize(("code", "ends"), [(0, "paid"), (2040, "failed")])
def test_while_a_result_is_judged(
    cashier: Cashier, paymaster: Paymaster, code: int, ends: str
) -> None:
    asked = cashier.pays_out()
    cashier.posts(asked, result_body(asked, code=code))
    killed_when_held_up(cashier, nothing_is_audited)
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    cashier.world.moves(seconds=61)
    cashier.works()
    assert (cashier.state(asked), cashier.held, len(cashier.messages())) == (ends, kes(0), 1)
    if code:
        paymaster.paid.clear()
    assert settled_by_the_truth(cashier, paymaster, asked) == ends
    assert cashier.verdicts() == [ends]


@pytest.mark.parametrize(("told", "ends"), [("Completed", "paid"), ("Cancelled", "failed")])
def test_while_a_status_answer_is_judged(
    cashier: Cashier, paymaster: Paymaster, told: str, ends: str
) -> None:
    asked = cashier.pays_out()
    cashier.world.moves(minutes=2)
    cashier.works()
    [question] = paymaster.questions
    body = status_body(asked, told, conversation="AG_Q1")
    cashier.posts_answer(question, body)
    killed_when_held_up(cashier, nothing_is_audited)
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    cashier.world.moves(seconds=61)
    cashier.works()
    assert (cashier.state(asked), cashier.held, len(cashier.messages())) == (ends, kes(0), 1)


def test_while_a_question_is_asked(cashier: Cashier, paymaster: Paymaster) -> None:
    asked = cashier.pays_out()
    cashier.world.moves(minutes=2)
    killed_when_held_up(cashier, no_question_is_written_down)
    assert settled_by_the_truth(cashier, paymaster, asked) == "paid"
