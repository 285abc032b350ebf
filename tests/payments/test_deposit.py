"""A deposit from the player's wish to the SMS, with Daraja answering as it does on a bad day."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from core.money import kes
from tests.payments.daraja import Daraja, accepted, error, result
from tests.payments.till import CHECKOUT, PHONE, RECEIPT, Till, callback_body
from tests.simulator.remote import TIMEOUT_SECONDS

SECOND_PHONE = "+254711000002"


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

    def work(_: int) -> None:
        together.wait()
        till.works()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(post, range(10))) == {200}
        list(pool.map(work, range(10)))
    assert till.wallet == kes(1000)
    assert sorted(till.verdicts()) == ["credited"] + ["repeated"] * 9
    assert len(till.messages()) == 1


def test_a_callback_may_come_before_the_answer_of_the_push(till: Till, daraja: Daraja) -> None:
    deposit = till.asks()

    def call_back_first(request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        assert till.state(deposit) == "submitting"
        assert till.posts(deposit).status_code == 200
        till.works()
        assert till.wallet == kes(1000)
        return original(request)

    original = daraja._push
    daraja.wire.replace("POST", PUSH_URL, body="") if False else None
    daraja.on_push = call_back_first
    till.works()
    assert till.state(deposit) == "succeeded"
    assert till.wallet == kes(1000)
    assert till.now(deposit).review is None
