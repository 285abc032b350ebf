"""What becomes of a deposit whose callback never comes."""

from datetime import timedelta

import pytest

from core.deposits.answers import Answer
from core.deposits.reconcile import Summary, reconcile
from core.money import kes
from core.settings import Settings
from payments.mpesa.budget import QueryBudget
from payments.reconcile import patient_query
from tests.payments import daraja as wire
from tests.payments.daraja import Daraja, error, result
from tests.payments.till import CHECKOUT, RECEIPT, Till, callback_body

IN_FLIGHT: list[wire.Answer] = [
    error("500.001.1001", "The transaction is being processed"),
    error("500.001.1001", "", status=200),
    result("4999"),
    error("400.002.02", "Bad Request - Invalid CheckoutRequestID", 400),
    (429, {"fault": {"faultstring": "Spike arrest violation"}}),
    error("500.001.1001", "The transaction does not Exist"),
    result("31337"),
    result(None),
    result("1032", checkout="ws_CO_of_somebody_else"),
]


def test_a_lost_callback_is_found_by_a_query(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    assert daraja.queried == []
    till.world.moves(seconds=31)
    till.works()
    assert [sent["CheckoutRequestID"] for sent in daraja.queried] == [CHECKOUT]
    daraja.answers_query(result("0"))
    till.world.moves(seconds=45)
    till.works()
    assert till.wallet == kes(1000)
    assert till.now(deposit).confirmed_at is not None
    assert "received" in till.messages()[0]


def test_a_receipt_that_comes_after_the_query_is_added(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    daraja.answers_query(result("0"))
    till.world.moves(seconds=76)
    till.works()
    till.posts(deposit)
    till.works()
    assert till.now(deposit).receipt == RECEIPT
    assert till.wallet == kes(1000)
    assert len(till.messages()) == 1


def test_it_is_asked_eight_times_and_then_left_to_a_person(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    asked = []
    for minutes in (0.51, 0.76, 0.76, 3, 10, 45, 300, 1080):
        till.world.moves(minutes=minutes)
        till.works()
        asked.append(len(daraja.queried))
    assert asked == [1, 2, 3, 4, 5, 6, 7, 8]
    assert till.state(deposit) == "unresolved"
    till.world.moves(days=2)
    till.works()
    assert len(daraja.queried) == 8
    assert till.wallet == kes(0)

    till.posts(deposit)
    till.works()
    assert till.wallet == kes(1000), "never too late"


def test_looks_that_were_missed_are_not_made_up_for(till: Till, daraja: Daraja) -> None:
    till.asks()
    till.works()
    till.world.moves(minutes=16)
    till.works()
    assert len(daraja.queried) == 1


@pytest.mark.parametrize("answer", IN_FLIGHT, ids=str)
def test_no_answer_is_neither_success_nor_failure(
    till: Till, daraja: Daraja, answer: wire.Answer
) -> None:
    deposit = till.asks()
    till.works()
    daraja.answers_query(answer)
    till.world.moves(seconds=80)
    till.works()
    assert daraja.queried
    assert till.state(deposit) == "pending"
    assert till.messages() == []


def test_an_early_zero_counts_when_it_is_seen_again(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    daraja.answers_query(result("0"))
    till.world.moves(seconds=31)
    till.works()
    assert till.state(deposit) == "pending", "seen once, while the prompt may be open"
    till.world.moves(seconds=11)
    till.works()
    assert len(daraja.queried) == 2
    assert till.wallet == kes(1000)


def test_a_failed_deposit_is_looked_at_twice_more(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(code=1037))
    till.works()
    for minutes in (0.51, 0.76, 0.76):
        till.world.moves(minutes=minutes)
        till.works()
    assert daraja.queried == []
    daraja.answers_query(result("0"))
    till.world.moves(minutes=3.1)
    till.works()
    assert till.wallet == kes(1000)


def test_the_query_s_failure_is_told(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    daraja.answers_query(result("1032"))
    till.world.moves(seconds=31)
    till.works()
    assert till.state(deposit) == "failed"
    [sms] = till.messages()
    assert "cancelled" in sms


def test_the_budget_is_shared_and_evenly_spaced(settings: Settings, till: Till) -> None:
    slow = settings.model_copy(update={"mpesa_queries_per_minute": 5})
    first, second = (QueryBudget(settings=slow, redis_client=till.redis_client) for _ in range(2))
    assert first.take() == timedelta(0)
    assert timedelta(seconds=11) < second.take() <= timedelta(seconds=12)


def test_an_empty_budget_makes_the_query_wait(till: Till, daraja: Daraja) -> None:
    till.asks()
    till.works()
    slow = till.settings.model_copy(update={"mpesa_queries_per_minute": 1})
    QueryBudget(settings=slow, redis_client=till.redis_client).take()
    till.world.moves(seconds=31)
    till.works()
    assert daraja.queried == []
    assert till.waiting("stk_query") == 2


def test_reconcile_settles_what_nobody_heard_of(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.world.moves(hours=3)
    daraja.answers_query(result("0"))
    seen = []
    query = patient_query(
        mpesa=till.mpesa,
        budget=QueryBudget(settings=till.settings, redis_client=till.redis_client),
    )
    summary = reconcile(
        till.world.database,
        since=timedelta(hours=24),
        query=query,
        progress=lambda one, outcome: seen.append((one.id, outcome.value)),
    )
    assert summary == Summary(asked=1, credited=1)
    assert seen == [(deposit.id, "credited")]
    assert till.wallet == kes(1000)

    def never(_: str) -> Answer:
        raise AssertionError("everything is known")

    again = reconcile(
        till.world.database,
        since=timedelta(hours=24),
        query=never,
        progress=lambda _one, _outcome: None,
    )
    assert again == Summary()
