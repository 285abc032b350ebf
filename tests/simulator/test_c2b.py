"""Payments that people make to the paybill, from both ends."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import Treasurer, all_heard

PAY = f"/control/handsets/{PHONE}/pay"


def pay(remote: Remote, **changes: object) -> Any:  # noqa: ANN401 - JSON
    return remote.post(PAY, **({"amount": 500, "account": "0700000001"} | changes))


def one_confirmation(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    heard = service.callbacks.get(timeout=20)
    assert heard.path.endswith("/confirmation")
    assert service.callbacks.empty()
    return json.loads(heard.body)


def test_a_payment_reaches_the_service_without_a_registration(
    remote: Remote, service: FakeService
) -> None:
    paid = pay(remote)
    heard = service.callbacks.get(timeout=20)
    assert heard.path == "/payments/c2b/dev-c2b-secret/confirmation"
    told = json.loads(heard.body)
    assert told == {
        "TransactionType": "Pay Bill",
        "TransID": paid["receipt"],
        "TransTime": told["TransTime"],
        "TransAmount": "500.00",
        "BusinessShortCode": "174379",
        "BillRefNumber": "0700000001",
        "InvoiceNumber": "",
        "OrgAccountBalance": "500.00",
        "ThirdPartyTransID": "",
        "MSISDN": "2547 ***** 001",
        "FirstName": "JOHN",
        "MiddleName": "",
        "LastName": "",
    }
    phone = remote.handset()
    assert (phone["mpesa_balance"], phone["spent_today"]) == (49_500, 500)
    assert phone["inbox"][0]["text"].startswith(f"{paid['receipt']} Confirmed. Ksh500.00 sent to")
    [entry] = remote.get("/control/journal")
    assert entry == {
        "kind": "c2b",
        "receipt": paid["receipt"],
        "phone": PHONE,
        "amount": 500,
        "account_reference": "0700000001",
        "at": entry["at"],
    }


def test_nobody_hears_of_a_payment_where_nothing_is_registered(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", c2b_urls=False)
    remote.put("/control/faults", c2b="forged")
    assert pay(remote)["paid"]
    remote.settle()
    assert service.callbacks.empty()
    assert remote.get("/control/counts") == {}


def test_registered_addresses_hear_of_payments_once_and_for_ever(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    answer = treasurer.register_urls()
    assert answer.status_code == 200
    assert answer.json()["OriginatorCoversationID"]
    assert answer.json()["ResponseDescription"] == "Success"
    again = treasurer.register_urls()
    assert (again.status_code, again.json()["errorCode"]) == (500, "500.003.1001")
    assert again.json()["errorMessage"] == "Urls are already registered"
    pay(remote)
    heard = service.callbacks.get(timeout=20)
    assert heard.path == "/payments/c2b/abc123/registered/confirmation"
    remote.post("/control/reset")
    assert treasurer.register_urls().status_code == 200


def test_the_first_version_hashes_the_number(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    assert treasurer.register_the_old_way().status_code == 200
    pay(remote)
    told = one_confirmation(service)
    assert told["MSISDN"] == hashlib.sha256(b"254700000001").hexdigest()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"ShortCode": "600992"}, "ShortCode"),
        ({"ResponseType": "Done"}, "ResponseType"),
        ({"ConfirmationURL": "http://h/mpesa"}, "ConfirmationURL"),
        ({"ValidationURL": None}, "ValidationURL"),
    ],
)
def test_a_wrong_field_of_a_registration_is_named(
    treasurer: Treasurer, change: dict[str, object], field: str
) -> None:
    answer = treasurer.register_urls(**change)
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"


@pytest.mark.parametrize(
    ("fault", "code"), [("already_registered", "500.003.1001"), ("busy", "500.003.02")]
)
def test_faults_of_a_registration(
    treasurer: Treasurer, remote: Remote, fault: str, code: str
) -> None:
    remote.put("/control/faults", register=fault, times=1)
    assert treasurer.register_urls().json()["errorCode"] == code
    assert treasurer.register_urls().status_code == 200


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"amount": 50_001, "account": "A"}, 409),
        ({"amount": 5, "account": "A", "paybill": "999999"}, 409),
        ({"amount": 0, "account": "A"}, 400),
        ({"amount": 250_001, "account": "A"}, 400),
        ({"amount": 5, "account": ""}, 400),
        ({"amount": 5, "account": "x" * 21}, 400),
    ],
)
def test_what_a_phone_cannot_pay_moves_nothing(
    remote: Remote, body: dict[str, object], status: int
) -> None:
    assert remote.try_post(PAY, **body).status_code == status
    assert remote.handset()["mpesa_balance"] == 50_000


def test_a_phone_pays_half_a_million_a_day(remote: Remote) -> None:
    for _ in range(2):
        remote.set_handset(mpesa_balance=250_000)
        pay(remote, amount=250_000)
    remote.set_handset(mpesa_balance=250_000)
    refused = remote.try_post(PAY, amount=1, account="A")
    assert "daily limit" in refused.json()["error"]


def _validating(remote: Remote, service: FakeService, reply: str) -> Any:  # noqa: ANN401 - JSON
    remote.put("/control/settings", c2b_validation=True)
    service.says_to_callbacks = reply
    return pay(remote)


@pytest.mark.parametrize("code", ['"0"', "0"])
def test_the_service_is_asked_before_money_moves(
    remote: Remote, service: FakeService, code: str
) -> None:
    paid = _validating(remote, service, f'{{"ResultCode": {code}, "ResultDesc": "Accepted"}}')
    remote.settle()
    [(first, asked), (second, told)] = all_heard(service)
    assert (first, second) == ("validation", "confirmation")
    assert asked["OrgAccountBalance"] == ""
    assert asked["TransID"] == told["TransID"] == paid["receipt"]
    assert [each["status"] for each in remote.get("/control/callbacks")] == [200, 200]


def test_the_service_is_not_asked_about_what_cannot_be_paid(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", c2b_validation=True)
    assert remote.try_post(PAY, amount=50_001, account="A").status_code == 409
    assert service.callbacks.empty()


def test_the_service_may_refuse(remote: Remote, service: FakeService) -> None:
    reply = '{"ResultCode": "C2B00012", "ResultDesc": "Rejected"}'
    paid = _validating(remote, service, reply)
    assert (paid["paid"], paid["result_code"]) == (False, "C2B00012")
    remote.settle()
    assert [path for path, _ in all_heard(service)] == ["validation"]
    assert remote.handset()["mpesa_balance"] == 50_000
    assert remote.get("/control/journal") == []


@pytest.mark.parametrize(("response_type", "paid"), [("Completed", True), ("Cancelled", False)])
def test_without_an_answer_the_registration_decides(
    treasurer: Treasurer, remote: Remote, service: FakeService, response_type: str, *, paid: bool
) -> None:
    treasurer.register_urls(ResponseType=response_type)
    remote.put("/control/settings", c2b_validation=True, c2b_validation_seconds=0.2)
    # The opposite, said too late.
    service.says_to_callbacks = f'{{"ResultCode": "{"C2B00012" if paid else "0"}"}}'
    service.answers_callbacks.clear()
    try:
        assert pay(remote)["paid"] is paid
    finally:
        service.answers_callbacks.set()


def test_an_answer_that_cannot_be_read_is_none(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    treasurer.register_urls(ResponseType="Cancelled")
    assert not _validating(remote, service, "<html>")["paid"]


def test_a_balance_that_goes_while_the_service_is_asked_is_not_overdrawn(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", c2b_validation=True)
    service.answers_callbacks.clear()
    service.says_to_callbacks = '{"ResultCode": "0"}'
    with ThreadPoolExecutor(max_workers=1) as pool:
        paying = pool.submit(remote.try_post, PAY, amount=500, account="A")
        service.callbacks.get(timeout=20)
        remote.set_handset(mpesa_balance=499)
        service.answers_callbacks.set()
        assert paying.result(timeout=5).status_code == 409
    assert remote.handset()["mpesa_balance"] == 499
