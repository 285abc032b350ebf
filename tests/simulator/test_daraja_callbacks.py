"""Callbacks that are lost, late, doubled, shuffled or worded wrongly, as the service hears them."""

import json
from typing import Any

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService

MORNING = "2026-11-25T06:00:00+03:00"


@pytest.fixture(autouse=True)
def by_a_standing_clock(remote: Remote) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.set_handset(next_answer="approve", sticky=True)


def order(remote: Remote, fault: str, **more: object) -> None:
    remote.put("/control/faults", callback={"fault": fault, "times": 1, **more})


def advance(remote: Remote, seconds: float = 0) -> None:
    remote.post("/control/clock/advance", seconds=seconds)


def told(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    """Return what the next callback says."""
    return json.loads(service.callbacks.get_nowait().body)["Body"]["stkCallback"]


def items(call: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {item["Name"]: item.get("Value") for item in call["CallbackMetadata"]["Item"]}


def told_with(fault: str, merchant: Merchant, remote: Remote, service: FakeService) -> Any:  # noqa: ANN401
    """Order a fault, let a push be paid, and return what its callback says."""
    order(remote, fault)
    merchant.pushed()
    advance(remote)
    assert remote.get("/control/counts") == {f"callback.{fault}": 1}
    assert len(remote.get("/control/journal")) == 1
    return told(service)


@pytest.mark.parametrize(
    ("fault", "item", "value"),
    [
        ("wrong_amount", "Amount", 999.0),
        ("decimals", "Amount", 1000.5),
        ("string_amount", "Amount", "1000.00"),
        ("masked_phone", "PhoneNumber", "254700***001"),
        ("string_date", "TransactionDate", "2026-11-25 06:00:00"),
        ("missing_item", "MpesaReceiptNumber", None),
    ],
)
def test_an_item_that_is_worded_wrongly(
    merchant: Merchant, remote: Remote, service: FakeService, fault: str, item: str, value: object
) -> None:
    call = told_with(fault, merchant, remote, service)
    assert call["ResultCode"] == 0
    assert items(call).get(item) == value


def test_items_in_another_order(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    call = told_with("reordered_items", merchant, remote, service)
    names = ["PhoneNumber", "TransactionDate", "MpesaReceiptNumber", "Amount"]
    assert list(items(call)) == names


def test_a_balance_without_a_value(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    call = told_with("balance_without_value", merchant, remote, service)
    assert call["CallbackMetadata"]["Item"][0] == {"Name": "Balance"}
    assert items(call)["Amount"] == 1000.0


def test_a_code_as_a_text(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    assert told_with("string_code", merchant, remote, service)["ResultCode"] == "0"


def test_a_code_of_no_list(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    call = told_with("unknown_code", merchant, remote, service)
    assert call["ResultCode"] == 7777
    assert "CallbackMetadata" not in call


def test_an_id_of_nobody(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    call = told_with("unknown_checkout_id", merchant, remote, service)
    [push] = remote.get("/control/pushes")
    assert call["CheckoutRequestID"] != push["checkout_request_id"]
    assert call["MerchantRequestID"] == push["merchant_request_id"]


@pytest.mark.parametrize("fault", ["truncated", "invalid_json", "html"])
def test_a_body_that_is_no_json(
    merchant: Merchant, remote: Remote, service: FakeService, fault: str
) -> None:
    order(remote, fault)
    merchant.pushed()
    advance(remote)
    heard = service.callbacks.get_nowait()
    with pytest.raises(json.JSONDecodeError):
        json.loads(heard.body)
    assert heard.headers["CONTENT_TYPE"].startswith("text/html") == (fault == "html")
    [recorded] = remote.get("/control/callbacks")
    assert recorded["body"] == heard.body


@pytest.mark.parametrize("copies", [2, 3, 4])
def test_copies_come_one_after_the_other_by_a_standing_clock(
    merchant: Merchant, remote: Remote, service: FakeService, copies: int
) -> None:
    order(remote, "duplicate", copies=copies)
    merchant.pushed()
    advance(remote)
    assert len({service.callbacks.get_nowait().body for _ in range(copies)}) == 1
    assert service.callbacks.empty()


def test_a_delay_of_hours(merchant: Merchant, remote: Remote, service: FakeService) -> None:
    order(remote, "delay", seconds=7200)
    merchant.pushed()
    advance(remote, 7199)
    assert service.callbacks.empty()
    advance(remote, 1)
    assert told(service)["ResultCode"] == 0


def test_a_callback_comes_after_the_one_that_follows_it(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "reorder", seconds=600)
    first = merchant.pushed()
    advance(remote, 100)
    assert service.callbacks.empty()
    second = merchant.pushed()
    advance(remote)
    assert [told(service)["CheckoutRequestID"] for _ in range(2)] == [second, first]
    assert remote.get("/control/clock")["next_due"] is None
    advance(remote, 3600)
    assert service.callbacks.empty()


def test_a_callback_that_nothing_follows_comes_all_the_same(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "reorder", seconds=600)
    merchant.pushed()
    advance(remote, 600)
    assert told(service)["ResultCode"] == 0
    assert service.callbacks.empty()


def test_success_comes_late_after_a_failure(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "late_success", seconds=7200)
    checkout_id = merchant.pushed()
    advance(remote, 3599)
    first = told(service)
    assert first["ResultCode"] in {1037, 1032, 1019}
    assert "CallbackMetadata" not in first
    assert merchant.query(checkout_id).json()["ResultCode"] == str(first["ResultCode"])
    [debit] = remote.get("/control/journal")
    assert remote.handset()["mpesa_balance"] == 49_000
    advance(remote, 3601)
    merchant.sign_in()
    assert items(told(service))["MpesaReceiptNumber"] == debit["receipt"]
    assert merchant.query(checkout_id).json()["ResultCode"] == "0"
    assert service.callbacks.empty()


def test_failure_comes_after_success(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "failure_after_success", seconds=60)
    checkout_id = merchant.pushed()
    advance(remote, 60)
    assert [told(service)["ResultCode"] for _ in range(2)] == [0, 1037]
    assert merchant.query(checkout_id).json()["ResultCode"] == "0"


def test_a_fault_of_payments_waits_for_a_payment(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "wrong_amount")
    remote.set_handset(next_answer="cancel")
    merchant.pushed()
    advance(remote)
    assert told(service)["ResultCode"] == 1032
    assert remote.get("/control/counts") == {}
    assert remote.get("/control/faults")["callback"]["fault"] == "wrong_amount"


def test_a_receiver_that_is_too_slow_is_given_up(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", receiver_timeout_seconds=0.1)
    merchant.pushed()
    service.answers_callbacks.clear()
    try:
        advance(remote)
    finally:
        service.answers_callbacks.set()
    [callback] = remote.get("/control/callbacks")
    assert (callback["status"], callback["dropped"]) == (None, False)
    advance(remote, 86_400)
    assert service.callbacks.qsize() == 1


def test_a_time_out_is_told_later_than_an_answer(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", prompt_life_seconds=14, timeout_callback_delay_seconds=12)
    remote.set_handset(next_answer="ignore")
    merchant.pushed()
    advance(remote, 25.9)
    assert service.callbacks.empty()
    advance(remote, 0.1)
    assert told(service)["ResultCode"] == 1037
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    advance(remote)
    assert told(service)["ResultCode"] == 0
