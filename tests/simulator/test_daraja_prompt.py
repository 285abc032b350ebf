"""The M-Pesa prompt, its callback and the query, from both ends."""

import json
import re
from typing import Any

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def heard(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    """Return the one callback that came."""
    callback = json.loads(service.callbacks.get(timeout=20).body)
    assert service.callbacks.empty()
    return callback["Body"]["stkCallback"]


def test_the_right_pin_pays_and_calls_back_once(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    checkout_id = merchant.pushed()
    remote.settle()
    assert remote.handset()["prompt"]["amount"] == 1000
    assert remote.reply(pin="1234")["result_code"] == 0
    remote.settle()
    call = heard(service)
    assert (call["CheckoutRequestID"], call["ResultCode"]) == (checkout_id, 0)
    items = {item["Name"]: item["Value"] for item in call["CallbackMetadata"]["Item"]}
    assert items["Amount"] == 1000.0
    assert re.fullmatch(r"[A-Z0-9]{10}", items["MpesaReceiptNumber"])
    assert re.fullmatch(r"\d{14}", str(items["TransactionDate"]))
    assert items["PhoneNumber"] == 254700000001
    handset = remote.handset()
    assert handset["mpesa_balance"] == 49_000
    assert handset["prompt"] is None
    assert handset["inbox"][0]["from"] == "MPESA"
    words = handset["inbox"][0]["text"]
    assert words.startswith(f"{items['MpesaReceiptNumber']} Confirmed. Ksh1,000.00 paid to KIBEEZY")
    [debit] = remote.get("/control/journal")
    assert (debit["receipt"], debit["amount"]) == (items["MpesaReceiptNumber"], 1000)
    [recorded] = remote.get("/control/callbacks")
    assert recorded["status"] == 200


def test_the_callback_has_daraja_s_headers_and_path(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    call = service.callbacks.get(timeout=20)
    assert call.path == "/payments/stk/abc123"
    assert call.headers["CONTENT_TYPE"] == "application/json;charset=UTF-8"
    assert call.headers["BUSINESSSHORTCODE"] == "174379"


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        ({"pin": "9999"}, 2001),
        ({"answer": "cancel"}, 1032),
        ({"answer": "ignore"}, 1037),
    ],
)
def test_a_person_who_does_not_pay(
    merchant: Merchant, remote: Remote, service: FakeService, reply: dict[str, str], code: int
) -> None:
    merchant.pushed()
    remote.settle()
    remote.reply(**reply)
    call = heard(service)
    assert call["ResultCode"] == code
    assert "CallbackMetadata" not in call
    assert remote.handset()["mpesa_balance"] == 50_000
    assert remote.get("/control/journal") == []


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("approve", 0),
        ("cancel", 1032),
        ("wrong_pin", 2001),
        ("insufficient", 1),
        ("ignore", 1037),
        ("offline", 1037),
    ],
)
def test_the_next_answer_is_given_without_a_person(
    merchant: Merchant, remote: Remote, service: FakeService, answer: str, code: int
) -> None:
    remote.put("/control/settings", prompt_life_seconds=0.05)
    remote.set_handset(next_answer=answer)
    checkout_id = merchant.pushed()
    assert heard(service)["ResultCode"] == code
    assert merchant.query(checkout_id).json()["ResultCode"] == str(code)
    assert remote.handset()["next_answer"] == "ask"


def test_a_sticky_answer_stays(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    remote.set_handset(next_answer="approve", sticky=True)
    for _ in range(2):
        merchant.pushed()
        assert heard(service)["ResultCode"] == 0
    assert remote.handset()["mpesa_balance"] == 48_000


def test_an_empty_wallet_is_insufficient(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(mpesa_balance=999)
    merchant.pushed()
    remote.settle()
    assert remote.reply(pin="1234")["result_code"] == 1
    assert heard(service)["ResultCode"] == 1
    assert remote.handset()["mpesa_balance"] == 999


def test_a_prompt_cannot_be_shown_while_a_ussd_session_is_open(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    remote.dial()
    merchant.pushed()
    call = heard(service)
    assert call["ResultCode"] == 1037
    assert call["ResultDesc"] == "DS timeout user cannot be reached"


def test_a_prompt_is_hidden_while_a_later_session_is_open(
    merchant: Merchant, remote: Remote
) -> None:
    merchant.pushed()
    remote.settle()
    remote.dial()
    assert remote.handset()["prompt"] is None
    assert remote.try_post(f"/control/handsets/{PHONE}/prompt", pin="1234").status_code == 409
    remote.post(f"/control/handsets/{PHONE}/hang-up")
    assert remote.handset()["prompt"] is not None


def test_there_is_nothing_to_answer_without_a_prompt(remote: Remote) -> None:
    assert remote.try_post(f"/control/handsets/{PHONE}/prompt", pin="1234").status_code == 409


def test_a_query_in_flight_says_4999_and_then_the_result_without_a_receipt(
    merchant: Merchant, remote: Remote
) -> None:
    checkout_id = merchant.pushed()
    in_flight = merchant.query(checkout_id)
    assert in_flight.status_code == 200
    assert in_flight.json()["ResultCode"] == "4999"
    remote.settle()
    remote.reply(answer="approve")
    final = merchant.query(checkout_id).json()
    assert final["ResultCode"] == "0"
    assert set(final) == {
        "ResponseCode",
        "ResponseDescription",
        "MerchantRequestID",
        "CheckoutRequestID",
        "ResultCode",
        "ResultDesc",
    }


def test_a_query_for_an_unknown_id(merchant: Merchant) -> None:
    merchant.sign_in()
    answer = merchant.query("ws_CO_nothing")
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")
    assert answer.json()["errorMessage"] == "The transaction does not Exist"


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("no_answer", 500, "The transaction does not Exist"),
        ("in_flight", 200, '"4999"'),
        ("empty_error", 200, '"errorMessage": ""'),
        ("throttle", 429, "policies.ratelimit.SpikeArrestViolation"),
        ("lie", 200, '"1032"'),
    ],
)
def test_faults_of_the_query(
    merchant: Merchant, remote: Remote, fault: str, status: int, words: str
) -> None:
    remote.set_handset(next_answer="approve")
    checkout_id = merchant.pushed()
    remote.settle()
    remote.put("/control/faults", query=fault, times=1)
    answer = merchant.query(checkout_id)
    assert answer.status_code == status
    assert words in answer.text
    assert merchant.query(checkout_id).json()["ResultCode"] == "0"


def test_the_fault_drop_loses_a_callback_that_can_still_be_sent(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", callback="drop", times=1)
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.settle()
    assert service.callbacks.empty()
    [lost] = remote.get("/control/callbacks")
    assert (lost["dropped"], lost["status"]) == (True, None)
    assert remote.post("/control/callbacks/1/repeat")["statuses"] == [200]
    assert heard(service)["ResultCode"] == 0


def test_the_fault_delay_holds_a_callback_back(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", callback={"fault": "delay", "times": 1, "seconds": 0.3})
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    assert service.callbacks.empty()
    remote.settle()
    assert heard(service)["ResultCode"] == 0


def test_the_fault_duplicate_sends_three_at_once(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", callback="duplicate", times=1)
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.settle()
    assert len({service.callbacks.get(timeout=20).body for _ in range(3)}) == 1
    assert service.callbacks.empty()


@pytest.mark.parametrize("at_once", [False, True])
def test_a_callback_can_be_repeated_ten_times(
    merchant: Merchant, remote: Remote, service: FakeService, *, at_once: bool
) -> None:
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    remote.settle()
    answer = remote.post("/control/callbacks/1/repeat", times=10, at_once=at_once)
    assert answer["statuses"] == [200] * 10
    assert service.callbacks.qsize() == 11
    assert len(remote.get("/control/callbacks")) == 1


def test_there_is_no_callback_to_repeat(remote: Remote) -> None:
    assert remote.try_post("/control/callbacks/1/repeat").status_code == 404
