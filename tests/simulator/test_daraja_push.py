"""Daraja's token and push: what is checked, in which order, with which words."""

import re

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def test_a_token_is_28_characters_and_lives_3599_seconds(merchant: Merchant) -> None:
    answer = merchant.ask_token()
    assert answer.status_code == 200
    assert re.fullmatch(r"[0-9A-Za-z]{28}", answer.json()["access_token"])
    assert answer.json()["expires_in"] == 3599


def test_wrong_credentials_are_answered_with_400_and_nothing(merchant: Merchant) -> None:
    answer = merchant.ask_token(secret="wrong")
    assert (answer.status_code, answer.content) == (400, b"")


def test_an_unknown_grant_type_is_refused(remote: Remote) -> None:
    answer = requests.get(
        f"{remote.url}/oauth/v1/generate",
        auth=("demo-consumer-key", "demo-consumer-secret"),
        timeout=5,
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.008.02")


def test_a_new_token_kills_the_one_before(merchant: Merchant) -> None:
    merchant.sign_in()
    first = merchant.token
    merchant.sign_in()
    merchant.token, second = first, merchant.token
    refused = merchant.push()
    assert (refused.status_code, refused.json()["errorCode"]) == (404, "404.001.03")
    assert refused.json()["errorMessage"] == "Invalid Access Token"
    merchant.token = second
    assert merchant.push().status_code == 200


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/mpesa/stkpush/v1/processrequest", 404, "404.001.03"),
        ("/mpesa/stkpushquery/v1/query", 404, "404.001.03"),
        ("/mpesa/transactionstatus/v1/query", 400, "400.003.01"),
        ("/mpesa/c2b/v2/registerurl", 400, "400.003.01"),
        ("/mpesa/b2c/v3/paymentrequest", 401, "401.002.01"),
        ("/mpesa/accountbalance/v1/query", 401, "401.002.01"),
    ],
)
def test_a_dead_token_is_refused_in_the_words_of_each_product(
    remote: Remote, path: str, status: int, code: str
) -> None:
    answer = requests.post(
        remote.url + path, json={}, headers={"Authorization": "Bearer dead"}, timeout=5
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)


def test_the_fault_kill_token_refuses_a_good_token_once(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/faults", oauth="kill_token", times=1)
    assert merchant.push().json()["errorCode"] == "404.001.03"
    merchant.sign_in()
    assert merchant.push().status_code == 200


def test_no_bearer_token_is_an_invalid_authentication_header(merchant: Merchant) -> None:
    answer = merchant.push()
    assert (answer.status_code, answer.json()["errorCode"]) == (404, "404.001.04")
    assert answer.json()["errorMessage"] == "Invalid Authentication Header"


def test_an_accepted_push_answers_as_daraja_does(merchant: Merchant) -> None:
    merchant.sign_in()
    body = merchant.push().json()
    assert re.fullmatch(r"ws_CO_\d{14}\d{3}700000001", body.pop("CheckoutRequestID"))
    assert body.pop("MerchantRequestID")
    assert body == {
        "ResponseCode": "0",
        "ResponseDescription": "Success. Request accepted for processing",
        "CustomerMessage": "Success. Request accepted for processing",
    }


@pytest.mark.parametrize(
    ("field", "value", "named"),
    [
        ("BusinessShortCode", "999", "BusinessShortCode"),
        ("Password", None, "Password"),
        ("Timestamp", "2026-01-01", "Timestamp"),
        ("Timestamp", "20261399000000", "Timestamp"),
        ("TransactionType", "Gift", "TransactionType"),
        ("Amount", "0", "Amount"),
        ("Amount", "10.5", "Amount"),
        ("Amount", "250001", "Amount"),
        ("PartyA", "0700000001", "PartyA"),
        ("PhoneNumber", "+254700000001", "PhoneNumber"),
        ("PhoneNumber", "0700000001", "PhoneNumber"),
        ("PartyB", None, "PartyB"),
        ("CallBackURL", "nowhere", "CallBackURL"),
        ("CallBackURL", "https://example.co.ke/mpesa/1", "CallBackURL"),
        ("CallBackURL", "https://Example.co.ke/1", "CallBackURL"),
        ("AccountReference", "THIRTEEN-LONG", "AccountReference"),
        ("AccountReference", None, "AccountReference"),
        ("TransactionDesc", None, "Remarks"),
        ("TransactionDesc", "FOURTEEN-LONG-", "Remarks"),
    ],
)
def test_a_wrong_field_is_refused_by_its_name(
    merchant: Merchant, remote: Remote, field: str, value: str | None, named: str
) -> None:
    merchant.sign_in()
    answer = merchant.push(**{field: value})
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "400.002.02"
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {named}"
    assert remote.get("/control/pushes") == []


def test_a_password_of_another_passkey_is_wrong_credentials(merchant: Merchant) -> None:
    merchant.sign_in()
    answer = merchant.push(Password="d3Jvbmc=")
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.001.1001")
    assert "Wrong credentials" in answer.json()["errorMessage"]


def test_a_second_push_meets_the_subscriber_lock(merchant: Merchant, remote: Remote) -> None:
    merchant.pushed()
    refused = merchant.push()
    assert refused.status_code == 500
    assert refused.json()["errorMessage"].startswith("Unable to lock subscriber")
    remote.settle()
    remote.reply(answer="cancel")
    assert merchant.push().status_code == 200


def test_the_lock_is_per_phone(merchant: Merchant) -> None:
    merchant.pushed()
    other = "254711000002"
    assert merchant.push(PhoneNumber=other, PartyA=other).status_code == 200


def test_unknown_paths_and_methods_get_daraja_s_envelope(remote: Remote) -> None:
    missing = requests.post(f"{remote.url}/mpesa/nothing", timeout=5)
    assert (missing.status_code, missing.json()["errorCode"]) == (404, "404.001.01")
    wrong = requests.get(f"{remote.url}/mpesa/stkpush/v1/processrequest", timeout=5)
    assert (wrong.status_code, wrong.json()["errorCode"]) == (405, "405.001")


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("error_500", 500, "500.003.1001"),
        ("busy", 500, "500.003.02"),
        ("refuse", 400, "400.002.02"),
    ],
)
def test_faults_that_refuse_a_push(
    merchant: Merchant, remote: Remote, fault: str, status: int, code: str
) -> None:
    merchant.sign_in()
    remote.put("/control/faults", push=fault, times=1)
    answer = merchant.push()
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert remote.get("/control/pushes") == []
    assert merchant.push().status_code == 200


def test_the_fault_html_answers_200_with_a_page(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/faults", push="html")
    answer = merchant.push()
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert remote.get("/control/pushes") == []


def test_the_fault_lose_answer_accepts_and_cuts_the_line(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    merchant.sign_in()
    remote.put("/control/faults", push="lose_answer", times=1)
    remote.set_handset(next_answer="approve")
    with pytest.raises(requests.ConnectionError):
        merchant.push()
    remote.settle()
    assert '"ResultCode": 0' in service.callbacks.get(timeout=20).body
    assert remote.handset(PHONE)["mpesa_balance"] == 49_000


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("refuse", 400, ""),
        ("error_500", 500, "500.003.1001"),
        ("string_expires_in", 200, '"expires_in": "3599"'),
    ],
)
def test_faults_of_the_token(
    merchant: Merchant, remote: Remote, fault: str, status: int, words: str
) -> None:
    remote.put("/control/faults", oauth=fault, times=1)
    answer = merchant.ask_token()
    assert answer.status_code == status
    assert words in answer.text
    assert merchant.ask_token().json()["expires_in"] == 3599


def test_a_fault_of_minting_leaves_a_living_token_alone(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/faults", oauth="refuse", times=1)
    assert merchant.push().status_code == 200
    assert merchant.ask_token().status_code == 400


def test_a_push_that_is_no_json_is_refused(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    answer = requests.post(
        f"{remote.url}/mpesa/stkpush/v1/processrequest",
        data="{}",
        headers={"Authorization": f"Bearer {merchant.token}", "Content-Type": "text/plain"},
        timeout=5,
    )
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.05")


@pytest.mark.parametrize(
    "word", ["mpesa", "m-pesa", "Safaricom", "exe", "exec", "cmd", "SQL", "query"]
)
def test_a_banned_word_in_the_callback_s_address_is_refused(merchant: Merchant, word: str) -> None:
    merchant.sign_in()
    answer = merchant.push(CallBackURL=f"{merchant.callback_url}/{word}")
    assert answer.json()["errorMessage"] == "Bad Request - Invalid CallBackURL"
