"""Transaction Status about payouts: when it is asked, and which of its answers count."""

from datetime import timedelta
from typing import Any

import pytest
import requests

from core.money import kes
from core.withdrawals.records import Withdrawal
from tests.payments.cashier import RECEIPT, Cashier, result_body, status_body
from tests.payments.daraja import Answer, Daraja, error, taken

SCHEDULE = tuple(timedelta(minutes=each) for each in (2, 5, 15, 60, 6 * 60, 24 * 60))
A_LITTLE = timedelta(seconds=5)
QUESTION = "AG_Q1"
SAYS_NOTHING: dict[str, dict[str, object]] = {
    "initiated": {"told": "Initiated"},
    "authorized": {"told": "Authorized"},
    "pending": {"told": "Pending Authorized"},
    "no status": {"told": None},
    "another word": {"told": "Reversed"},
    "a number": {"told": 7},
    "another payout cancelled": {"told": "Cancelled", "OriginatorConversationID": "SOMEBODYELSES"},
    "another payout completed": {"told": "Completed", "OriginatorConversationID": "SOMEBODYELSES"},
    "cancelled, but which": {"told": "Cancelled", "OriginatorConversationID": None},
    "another question": {"told": "Cancelled", "conversation": "AG_ANOTHER"},
    "another question, completed": {"told": "Completed", "conversation": "AG_ANOTHER"},
}


@pytest.fixture
def asked(cashier: Cashier, daraja: Daraja) -> Withdrawal:
    """M-Pesa took it, said nothing for two minutes, and was asked."""
    asked = cashier.pays_out()
    cashier.world.moves(minutes=2)
    cashier.works()
    assert len(daraja.asked) == 1
    return asked


def says(asked: Withdrawal, told: object, conversation: str = QUESTION, **changes: object) -> Any:  # noqa: ANN401
    return status_body(asked, told, conversation=conversation, **changes)


def test_the_question_names_the_order_and_an_address_of_its_own(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal
) -> None:
    [question] = daraja.asked
    [token] = cashier.column("SELECT token FROM status_question")
    address = f"{cashier.till.settings.public_url}/payments/status/{token}"
    assert question == {
        "OriginalConversationID": asked.originator_id,
        "Initiator": "testapi",
        "SecurityCredential": "demo-credential",
        "CommandID": "TransactionStatusQuery",
        "PartyA": "600992",
        "IdentifierType": "4",
        "ResultURL": f"{address}/result",
        "QueueTimeOutURL": f"{address}/timeout",
        "Remarks": "Status",
        "Occasion": "Status",
    }


def test_completed_pays_once(cashier: Cashier, daraja: Daraja, asked: Withdrawal) -> None:
    for _repeat in range(3):
        cashier.answers(daraja.asked[0], says(asked, "Completed"))
    now = cashier.now(asked)
    assert (now.state, now.receipt, cashier.held) == ("paid", RECEIPT, kes(0))
    assert cashier.verdicts() == ["paid", "repeated", "repeated"]
    assert len(cashier.messages()) == 1


@pytest.mark.parametrize("told", ["Cancelled", "declined", "EXPIRED"])
def test_a_final_failure_gives_the_money_back_once(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal, told: str
) -> None:
    for _repeat in range(2):
        cashier.answers(daraja.asked[0], says(asked, told))
    assert (cashier.state(asked), cashier.wallet) == ("failed", kes(1000))
    assert (cashier.verdicts(), cashier.is_stopped()) == (["failed", "repeated"], False)
    [message] = cashier.messages()
    assert message.startswith("KES 500 is back with you. M-Pesa did not pay it out.")


@pytest.mark.parametrize("changes", SAYS_NOTHING.values(), ids=SAYS_NOTHING)
def test_what_is_no_proof_of_this_payout_moves_nothing(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal, changes: dict[str, Any]
) -> None:
    cashier.answers(daraja.asked[0], says(asked, **changes))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert (cashier.messages(), cashier.alarms()) == ([], [])


@pytest.mark.parametrize(("field", "value"), [("ResultCode", 25), ("ResultType", 1)])
def test_a_question_that_failed_says_nothing_of_the_payment(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal, field: str, value: int
) -> None:
    for told in ("Cancelled", "Completed"):
        body = says(asked, told)
        body["Result"][field] = value
        cashier.answers(daraja.asked[0], body)
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))


def test_completed_with_another_amount_is_looked_at(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal
) -> None:
    cashier.answers(daraja.asked[0], says(asked, "Completed", Amount=499))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert cashier.alarms() == ["withdrawal_review"]


def test_a_completed_payment_without_an_amount_proves_nothing(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal
) -> None:
    cashier.answers(daraja.asked[0], says(asked, "Completed", Amount=None))
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))


def test_a_receipt_that_comes_after_the_proof_is_named_later(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal
) -> None:
    cashier.answers(daraja.asked[0], says(asked, "Completed", ReceiptNo=None))
    assert (cashier.state(asked), cashier.now(asked).receipt) == ("paid", None)
    cashier.hears(asked)
    assert cashier.now(asked).receipt == RECEIPT
    assert cashier.column("SELECT withdrawal_id::text FROM receipt") == [str(asked.id)]
    assert (cashier.verdicts(), cashier.alarms()) == (["paid", "repeated"], [])
    # That of another payment is not taken over.
    other = cashier.pays_out(kes(100))
    cashier.world.moves(minutes=2)
    cashier.works()
    body = says(other, "Completed", "AG_Q2", ReceiptNo=None, Amount=100)
    cashier.answers(daraja.asked[1], body)
    cashier.hears(other, result_body(other, amount=100))
    assert (cashier.state(other), cashier.now(other).receipt) == ("paid", None)
    assert cashier.alarms() == ["withdrawal_review"]


def test_an_answer_counts_where_the_question_s_own_id_was_lost(
    cashier: Cashier, daraja: Daraja
) -> None:
    asked = cashier.pays_out()
    daraja.answers_status(requests.ReadTimeout())
    cashier.world.moves(minutes=2)
    cashier.works()
    cashier.answers(daraja.asked[0], says(asked, "Completed", "AG_NOBODY_KNOWS"))
    assert cashier.state(asked) == "paid"


def test_an_answer_that_is_faster_than_the_question_s_own_id_counts(
    cashier: Cashier, daraja: Daraja
) -> None:
    asked = cashier.pays_out()
    cashier.world.moves(minutes=2)

    def answer_first() -> None:
        daraja.before_answer = lambda: None
        cashier.answers(daraja.asked[0], says(asked, "Completed"))

    daraja.before_answer = answer_first
    cashier.works()
    assert cashier.state(asked) == "paid"


@pytest.mark.parametrize("body", [{}, {"OriginatorConversationID": "x"}, [], "text"])
def test_a_question_s_time_out_says_nothing(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal, body: object
) -> None:
    cashier.answers(daraja.asked[0], body, to="timeout")
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))


def test_a_failure_that_was_none_is_found_and_the_money_taken_again(
    cashier: Cashier, daraja: Daraja, asked: Withdrawal
) -> None:
    cashier.hears(asked, result_body(asked, code=2040))
    assert cashier.wallet == kes(1000)
    # Asked again at 15 minutes and a day, and not between.
    for minutes in (3, 10, 45, 300):
        cashier.world.moves(minutes=minutes)
        cashier.works()
    assert len(daraja.asked) == 2
    cashier.world.moves(days=1)
    cashier.works()
    assert len(daraja.asked) == 3
    cashier.answers(daraja.asked[2], says(asked, "Completed", "AG_Q3"))
    assert (cashier.state(asked), cashier.wallet) == ("paid_after_release", kes(500))
    assert cashier.alarms() == ["withdrawal_paid_after_release"]


def test_it_is_asked_about_by_the_schedule_and_then_left_to_a_person(
    cashier: Cashier, daraja: Daraja
) -> None:
    asked = cashier.pays_out()
    passed = timedelta(0)
    for number, after in enumerate(SCHEDULE):
        cashier.world.moves(seconds=(after - passed - A_LITTLE).total_seconds())
        cashier.works()
        assert len(daraja.asked) == number, f"asked before {after}"
        cashier.world.moves(seconds=2 * A_LITTLE.total_seconds())
        cashier.works()
        assert len(daraja.asked) == number + 1, f"not asked after {after}"
        passed = after + A_LITTLE
    assert (cashier.state(asked), cashier.alarms()) == ("accepted", [])
    cashier.world.moves(minutes=10)
    cashier.works()
    assert (cashier.state(asked), cashier.held) == ("manual", kes(500))
    assert cashier.alarms() == ["withdrawal_manual"]
    cashier.world.moves(days=30)
    cashier.works()
    assert (cashier.state(asked), len(daraja.asked)) == ("manual", len(SCHEDULE))

    # Whenever M-Pesa does say, it still counts.
    cashier.hears(asked)
    assert (cashier.state(asked), cashier.held) == ("paid", kes(0))


@pytest.mark.parametrize(
    "answer",
    [
        error("400.003.01", "Invalid Access Token", 400),
        error("500.003.02", "System is busy."),
        (429, "slow down"),
        (200, "<html>"),
        requests.ConnectionError("reset"),
        taken("A\x00Q"),
    ],
)
def test_a_question_that_is_not_taken_is_no_answer_and_the_next_is_asked(
    cashier: Cashier, daraja: Daraja, answer: Answer
) -> None:
    daraja.answers_status(answer)
    asked = cashier.pays_out()
    for minutes in (2, 3, 10):
        cashier.world.moves(minutes=minutes)
        cashier.works()
    assert (cashier.state(asked), cashier.held) == ("accepted", kes(500))
    assert len({each["ResultURL"] for each in daraja.asked}) == 3


def test_a_withdrawal_that_ended_is_not_asked_about(cashier: Cashier, daraja: Daraja) -> None:
    asked = cashier.pays_out()
    cashier.hears(asked)
    cashier.world.moves(days=2)
    cashier.works()
    assert (cashier.state(asked), daraja.asked) == ("paid", [])


def test_questions_keep_to_the_budget_that_all_share(cashier: Cashier, daraja: Daraja) -> None:
    slow = {"mpesa_queries_per_minute": 1}
    cashier.till.settings = cashier.till.settings.model_copy(update=slow)
    cashier.till.open_worker()
    for _ in range(2):
        cashier.pays_out(kes(100))
    cashier.world.moves(minutes=2)
    for _ in range(3):
        cashier.till.worker.run_due()
    assert len(daraja.asked) == 1
    assert cashier.till.waiting("withdrawal_status") == 3, "one waits, two come later"
