"""A deposit from the player's wish to the SMS, with Daraja answering as it does on a bad day."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from core.money import kes
from core.outbox.records import Job
from tests.payments.daraja import Daraja, accepted, result
from tests.payments.till import CHECKOUT, RECEIPT, Till, callback_body

SECOND_PHONE = "+254711000002"
LATER_CHECKOUT = "ws_CO_221120261300001711000002"


def test_an_approved_prompt_becomes_money_and_an_sms(till: Till, daraja: Daraja) -> None:
    deposit = till.asks(kes(1000))
    till.works()

    sent = daraja.pushed[0]
    assert sent["Amount"] == "1000"
    assert sent["PhoneNumber"] == "254708374149"
    assert sent["AccountReference"] == deposit.reference
    assert sent["TransactionDesc"]
    assert sent["CallBackURL"].endswith(f"/payments/stk/{deposit.token}")
    assert till.state(deposit) == "pending"

    answer = till.posts(deposit)
    assert answer.status_code == 200
    assert answer.json == {"ResultCode": 0, "ResultDesc": "Accepted"}
    assert till.wallet == kes(0), "the route only keeps it; the worker judges"
    till.works()
    assert till.wallet == kes(1000)
    assert till.state(deposit) == "succeeded"
    [sms] = till.messages()
    assert "KES 1,000" in sms
    assert RECEIPT in sms


def test_ten_copies_at_once_are_one_credit(till: Till) -> None:
    deposit = till.asks()
    till.works()
    together = threading.Barrier(10)

    def post(_: int) -> int:
        together.wait()
        return till.posts(deposit).status_code

    def judge(callback_id: int) -> None:
        together.wait()
        job = Job(0, "stk_callback", {"callback_id": callback_id}, 1, 1)
        till.worker.handlers["stk_callback"](job)

    with ThreadPoolExecutor(10) as pool:
        assert list(pool.map(post, range(10))) == [200] * 10
        list(pool.map(judge, range(1, 11)))
    assert till.wallet == kes(1000)
    assert sorted(till.verdicts()) == ["credited"] + ["repeated"] * 9
    assert len(till.messages()) == 1


def test_a_callback_may_come_before_the_answer_of_the_push(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()

    def call_back_first() -> None:
        assert till.state(deposit) == "submitting"
        assert till.posts(deposit).status_code == 200
        till.works()
        assert till.wallet == kes(1000)

    daraja.before_answer = call_back_first
    till.works()
    assert till.state(deposit) == "succeeded"
    assert till.wallet == kes(1000)
    assert till.now(deposit).review is None


def test_a_failure_before_the_answer_of_the_push_stays_a_failure(
    till: Till, daraja: Daraja
) -> None:
    deposit = till.asks()

    def call_back_first() -> None:
        till.posts(deposit, callback_body(code=1032))
        till.works()

    daraja.before_answer = call_back_first
    till.works()
    assert till.state(deposit) == "failed"
    assert till.now(deposit).checkout_request_id == CHECKOUT


def test_a_late_success_is_credited_after_a_failure(till: Till) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(code=1037))
    till.works()
    assert till.state(deposit) == "failed"
    till.posts(deposit)
    till.works()
    assert till.state(deposit) == "succeeded"
    assert till.wallet == kes(1000)
    told_no, told_yes = till.messages()
    assert "If you paid, we add it." in told_no
    assert "received" in told_yes


def test_a_failure_never_overwrites_a_success(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.posts(deposit, callback_body(code=1032))
    daraja.answers_query(result("1032"))
    till.works()
    till.world.moves(seconds=31)
    till.works()
    assert len(daraja.queried) == 2, "soon after the credit, and on schedule"
    assert till.state(deposit) == "succeeded"
    assert till.now(deposit).review is not None, "a person should know of the disagreement"
    assert (till.wallet, till.held) == (kes(0), kes(1000)), "frozen, and still the player's"
    assert len(till.messages()) == 1


def test_one_receipt_pays_for_one_deposit(till: Till, daraja: Daraja) -> None:
    till.world.has_player(SECOND_PHONE)
    first = till.asks()
    till.works()
    daraja.answers_push(accepted(LATER_CHECKOUT, "other-merchant-id"))
    second = till.asks(phone=SECOND_PHONE)
    till.works()
    till.posts(first)
    till.posts(
        second,
        callback_body(checkout=LATER_CHECKOUT, merchant="other-merchant-id", phone=254711000002),
    )
    till.works()
    assert till.wallet == kes(1000)
    assert till.world.wallet(SECOND_PHONE) == kes(0)
    assert till.state(second) == "pending"
    assert RECEIPT in (till.now(second).review or "")


def test_a_second_receipt_for_a_credited_deposit_goes_to_a_person(till: Till) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.posts(deposit, callback_body(receipt="NLJ7RT61SX"))
    till.works()
    assert (till.wallet, till.held) == (kes(0), kes(1000))
    assert "NLJ7RT61SX" in (till.now(deposit).review or "")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount": 100000.0},
        {"amount": "999.99"},
        {"checkout": "ws_CO_another"},
        {"merchant": "another"},
        {"phone": 254711000002},
        {"phone": "254711***002"},
    ],
    ids=str,
)
def test_the_right_token_with_wrong_contents_moves_nothing(
    till: Till, wrong: dict[str, object]
) -> None:
    deposit = till.asks()
    till.works()
    assert till.posts(deposit, callback_body(**wrong)).status_code == 200
    till.works()
    assert till.wallet == kes(0)
    assert till.state(deposit) == "pending"
    assert till.now(deposit).review is not None
    assert "deposit.review" in till.acts()


@pytest.mark.parametrize("phone", ["254708***149", "2547 ***** 149", None, "not a phone"])
def test_a_masked_phone_is_no_mismatch(till: Till, phone: object) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit, callback_body(phone=phone))
    till.works()
    assert till.wallet == kes(1000)


@pytest.mark.parametrize("missing", ["receipt", "amount"])
def test_a_success_that_proves_nothing_is_asked_about(
    till: Till, daraja: Daraja, missing: str
) -> None:
    deposit = till.asks()
    till.works()
    daraja.answers_query(result("0"))
    till.posts(deposit, callback_body(**{missing: None}))
    till.works()
    assert len(daraja.queried) == 1
    assert till.wallet == kes(1000), "two witnesses agree, one of them authenticated"
    assert till.now(deposit).confirmed_at is not None


def test_a_credit_can_be_withdrawn_from_once_a_query_confirms_it(
    till: Till, daraja: Daraja
) -> None:
    deposit = till.asks()
    till.works()
    till.posts(deposit)
    till.works()
    assert till.unconfirmed == kes(1000)
    daraja.answers_query(result("0"))
    till.world.moves(seconds=31)
    till.works()
    assert till.unconfirmed == kes(0)
    assert till.wallet == kes(1000)
    assert till.state(deposit) == "succeeded"


def test_what_a_locked_player_had_asked_for_is_credited(till: Till) -> None:
    deposit = till.asks(kes(1000))
    till.works()
    with till.world.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE player SET locked_at = kibeezy_now()")
    till.posts(deposit)
    till.works()
    assert (till.state(deposit), till.wallet) == ("succeeded", kes(1000))
