"""The one call that asks a phone for money, and every way in which it can end."""

import pytest
import requests
import responses
from structlog.testing import capture_logs

from core.database import in_transaction
from core.deposits.begin_push import begin_push
from core.log import _hide_secrets
from core.money import kes
from tests.payments.daraja import PUSH, Answer, Daraja, accepted, error, result
from tests.payments.till import Till, callback_body

SECOND_PHONE = "+254711000002"


@pytest.mark.parametrize(
    "lost",
    [
        requests.ReadTimeout(),
        requests.ConnectionError("reset by peer"),
        (200, "<html>Please try again</html>"),
        (200, '{"MerchantRequestID": "29115-'),
        (200, {"ResponseCode": "0", "MerchantRequestID": "29115"}),
        (302, ""),
        error("500.003.1001", "Internal Server Error"),
        error("500.001.1001", "Something else", status=200),
    ],
    ids=str,
)
def test_a_lost_answer_is_never_pushed_again(till: Till, daraja: Daraja, lost: Answer) -> None:
    deposit = till.asks()
    daraja.answers_push(lost)
    till.works()
    assert till.state(deposit) == "submit_unknown"
    for minutes in (1, 10, 60):
        till.world.moves(minutes=minutes)
        till.works()
    assert len(daraja.pushed) == 1
    (told,) = till.messages()
    assert "no answer from M-Pesa about your deposit of KES 1,000" in told
    assert "do not pay twice" in told

    daraja.answers_query(result("0"))
    till.posts(deposit)
    till.works()
    assert till.wallet == kes(1000)
    # The callback brought the ids that the lost answer had, so a query can confirm the credit.
    assert till.now(deposit).confirmed_at is not None


def test_a_redirect_is_not_followed(till: Till, daraja: Daraja) -> None:
    elsewhere = "https://elsewhere.example/"
    daraja.wire.replace(responses.POST, PUSH, status=302, headers={"Location": elsewhere})
    daraja.wire.get(elsewhere, json={"ResponseCode": "0", "CheckoutRequestID": "ws_CO_x"})
    deposit = till.asks()
    till.works()
    assert till.state(deposit) == "submit_unknown"


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (error("400.002.02", "Bad Request - Invalid PhoneNumber", 400), "not available"),
        (error("500.001.1001", "Unable to lock subscriber, a transaction"), "Another M-Pesa"),
        (error("500.001.1001", "[MerchantValidate] - Wrong credentials"), "not available"),
        (error("500.003.02", "System is busy", status=200), "busy"),
        ((429, {"fault": {"faultstring": "Spike arrest violation"}}), "busy"),
        (requests.ConnectTimeout(), "not available"),
    ],
    ids=str,
)
def test_a_refusal_is_final_and_told_at_once(
    till: Till, daraja: Daraja, refused: Answer, words: str
) -> None:
    deposit = till.asks()
    daraja.answers_push(refused)
    till.works()
    assert till.state(deposit) == "rejected"
    [sms] = till.messages()
    assert "No money was taken" in sms
    assert words in sms
    daraja.answers_push(accepted())
    again = till.asks()
    till.works()
    assert till.state(again) == "pending", "a refused push stands in nobody's way"


@pytest.mark.parametrize(
    ("answer", "event", "code"),
    [
        (error("400.002.02", "Bad Request", 400), "push_rejected", "400.002.02"),
        ((200, "<html>"), "push_unknown", "http_200"),
    ],
)
def test_the_log_says_why_a_push_was_not_taken(
    till: Till, daraja: Daraja, answer: Answer, event: str, code: str
) -> None:
    till.asks()
    daraja.answers_push(answer)
    with capture_logs() as logs:
        till.works()
    [line] = [line for line in logs if line["event"] == event]
    assert _hide_secrets(None, "", line)["result_code"] == code


BUSY = error("500.003.02", "System is busy. Please try again in few minutes.")
PAY_BILL = "Or pay by M-Pesa: Pay bill 174379, account 0708374149."


def test_a_push_that_daraja_is_too_busy_for_can_be_paid_by_hand(till: Till, daraja: Daraja) -> None:
    till.asks()
    daraja.answers_push(BUSY)
    till.works()
    assert till.messages() == [
        f"No money was taken: the deposit of KES 1,000 failed. M-Pesa is busy. {PAY_BILL}"
    ]


@pytest.mark.parametrize("code", [1037, 1025, 1036, 9999, 26])
def test_a_prompt_that_reached_nobody_can_be_paid_by_hand(till: Till, code: int) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(code=code))
    till.works()
    [told] = till.messages()
    assert told.endswith(f" If you paid, we add it. {PAY_BILL}")


def test_a_query_that_finds_the_prompt_unanswered_says_so_too(till: Till, daraja: Daraja) -> None:
    till.asks()
    till.works()
    daraja.answers_query(result("1037"))
    till.world.moves(seconds=31)
    till.works()
    [told] = till.messages()
    assert told.endswith(PAY_BILL)


@pytest.mark.parametrize("code", [1032, 1019, 2001, 1])
def test_who_could_answer_is_not_sent_to_the_paybill(till: Till, code: int) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(code=code))
    till.works()
    [told] = till.messages()
    assert "Pay bill" not in told


def test_a_till_has_no_paybill(till: Till, daraja: Daraja) -> None:
    by_till = {"mpesa_transaction_type": "CustomerBuyGoodsOnline"}
    till.settings = till.settings.model_copy(update=by_till)
    till.open_worker()
    till.asks()
    daraja.answers_push(BUSY)
    till.works()
    assert till.messages() == [
        "No money was taken: the deposit of KES 1,000 failed. M-Pesa is busy."
    ]


def test_a_push_that_waited_too_long_is_not_sent(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.world.moves(minutes=11)
    till.works()
    assert daraja.pushed == []
    assert till.state(deposit) == "rejected"
    assert len(till.messages()) == 1


def test_a_worker_that_died_around_the_call_pushes_nothing_again(
    till: Till, daraja: Daraja
) -> None:
    deposit = till.asks()
    in_transaction(till.world.database, lambda c: begin_push(c, deposit_id=deposit.id))
    till.works()
    assert daraja.pushed == []
    assert till.state(deposit) == "submit_unknown"
    assert till.messages() == []


def test_the_first_worker_may_still_finish_after_its_lease(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()

    def lease_runs_out() -> None:
        in_transaction(till.world.database, lambda c: begin_push(c, deposit_id=deposit.id))
        assert till.state(deposit) == "submit_unknown"

    daraja.before_answer = lease_runs_out
    till.works()
    assert till.state(deposit) == "pending"
    assert len(daraja.pushed) == 1


def test_two_deposits_cannot_share_the_provider_s_id(till: Till) -> None:
    till.world.has_player(SECOND_PHONE)
    first = till.asks()
    till.works()
    second = till.asks(phone=SECOND_PHONE)
    till.works()
    assert till.state(first) == "pending"
    assert till.state(second) == "submit_unknown"
    assert till.now(second).review is not None
