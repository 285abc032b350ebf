"""Payments to customers, as a merchant sees them on the wire."""

import re
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from simulator.app import create_app
from simulator.config import Config
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import ORDER, Treasurer, all_heard, one_result, parameters


def test_an_accepted_payment_reaches_the_wallet_and_its_result_the_caller(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    answer = treasurer.pay()
    assert answer.status_code == 200
    acknowledged = answer.json()
    assert re.fullmatch(r"AG_\d{8}_[0-9a-f]{20}", acknowledged["ConversationID"])
    assert acknowledged == {
        "ConversationID": acknowledged["ConversationID"],
        "OriginatorConversationID": "KB-0001",
        "ResponseCode": "0",
        "ResponseDescription": "Accept the service request successfully.",
    }
    result = one_result(service)
    assert (result["ResultType"], result["ResultCode"]) == (0, 0)
    assert result["OriginatorConversationID"] == "KB-0001"
    assert result["ConversationID"] == acknowledged["ConversationID"]
    assert re.fullmatch(r"[A-Z0-9]{10}", result["TransactionID"])
    told = parameters(result)
    assert told["TransactionAmount"] == 500
    assert told["TransactionReceipt"] == result["TransactionID"]
    assert told["ReceiverPartyPublicName"] == "254700000001 - JOHN DOE"
    assert re.fullmatch(r"\d\d\.\d\d\.\d{4} \d\d:\d\d:\d\d", told["TransactionCompletedDateTime"])
    assert told["B2CUtilityAccountAvailableFunds"] == 999_500.0
    assert told["B2CRecipientIsRegisteredCustomer"] == "Y"
    assert told["B2CChargesPaidAccountAvailableFunds"] == -5.0
    assert result["ReferenceData"]["ReferenceItem"]["Key"] == "QueueTimeoutURL"
    phone = remote.handset()
    assert phone["mpesa_balance"] == 50_500
    assert phone["inbox"][0]["from"] == "MPESA"
    words = phone["inbox"][0]["text"]
    assert words.startswith(f"{result['TransactionID']} Confirmed. You have received Ksh500.00")
    [payout] = remote.get("/control/payouts")
    assert (payout["paid"], payout["phone"]) == (True, PHONE)


def test_the_same_id_is_refused_for_ever_whatever_became_of_the_first(
    treasurer: Treasurer, remote: Remote
) -> None:
    remote.put("/control/faults", b2c="code_2001", times=1)
    assert treasurer.pay().status_code == 200
    for _ in range(2):
        answer = treasurer.pay(Amount="10")
        assert answer.status_code == 500
        assert answer.json()["errorCode"] == "500.002.1001"
        assert answer.json()["errorMessage"] == "Duplicate OriginatorConversationID."
    assert remote.handset()["mpesa_balance"] == 50_000


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads take turns so often that a missing lock shows."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("hasty_threads")
def test_of_many_requests_with_one_id_at_once_one_is_paid() -> None:
    app = create_app(Config(callback_delay_seconds=3600))
    basic = ("demo-consumer-key", "demo-consumer-secret")
    minted = app.test_client().get(
        "/oauth/v1/generate", query_string={"grant_type": "client_credentials"}, auth=basic
    )
    token = {"Authorization": f"Bearer {minted.get_json()['access_token']}"}
    together = threading.Barrier(4, timeout=10)

    def pay_all(_: int) -> int:
        client, paid = app.test_client(), 0
        for number in range(200):
            order = ORDER | {"OriginatorConversationID": f"KB-{number}"}
            together.wait()
            answer = client.post("/mpesa/b2c/v3/paymentrequest", json=order, headers=token)
            paid += answer.status_code == 200
        return paid

    with ThreadPoolExecutor(max_workers=4) as pool:
        assert sum(pool.map(pay_all, range(4))) == 200
    app.extensions["simulator"].deliveries.cancel_all()


def test_a_refused_request_does_not_use_up_its_id(treasurer: Treasurer) -> None:
    assert treasurer.pay(Amount="9").status_code == 400
    assert treasurer.pay().status_code == 200


def test_the_old_version_assigns_an_id_and_so_pays_twice(
    treasurer: Treasurer, remote: Remote
) -> None:
    ids = {treasurer.pay_the_old_way().json()["OriginatorConversationID"] for _ in range(2)}
    assert len(ids) == 2
    assert remote.handset()["mpesa_balance"] == 51_000


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"InitiatorName": None}, "InitiatorName"),
        ({"SecurityCredential": ""}, "SecurityCredential"),
        ({"CommandID": "Payment"}, "CommandID"),
        ({"Amount": "9"}, "Amount"),
        ({"Amount": "250001"}, "Amount"),
        ({"Amount": "10.50"}, "Amount"),
        ({"PartyA": "174379"}, "PartyA"),
        ({"PartyB": "254200000001"}, "PartyB"),
        ({"PartyB": "0700000001"}, "PartyB"),
        ({"Remarks": "W"}, "Remarks"),
        ({"Remarks": "W" * 101}, "Remarks"),
        ({"Occassion": "O" * 101}, "Occassion"),
        ({"ResultURL": "nowhere"}, "ResultURL"),
        ({"ResultURL": "http://127.0.0.1/mpesa/result"}, "ResultURL"),
        ({"QueueTimeOutURL": None}, "QueueTimeOutURL"),
        ({"QueueTimeOutURL": "http://127.0.0.1/sql"}, "QueueTimeOutURL"),
        ({"OriginatorConversationID": None}, "OriginatorConversationID"),
        ({"OriginatorConversationID": "x" * 21}, "OriginatorConversationID"),
        ({"OriginatorConversationID": "KB 1"}, "OriginatorConversationID"),
    ],
)
def test_a_wrong_field_is_named(
    treasurer: Treasurer, remote: Remote, change: dict[str, object], field: str
) -> None:
    answer = treasurer.pay(**change)
    assert answer.status_code == 400
    assert answer.json()["errorCode"] == "400.002.02"
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"
    assert remote.get("/control/payouts") == []


@pytest.mark.parametrize(
    "change",
    [
        {"Amount": "10"},
        {"Amount": 250_000},
        {"PartyB": "254110000001"},
        {"CommandID": "SalaryPayment"},
        {"CommandID": "PromotionPayment"},
        {"OriginatorConversationID": "Az09_-" + "x" * 14},
        {"Occassion": None},
        {"Remarks": "OK"},
    ],
)
def test_what_is_within_the_rules_is_accepted(
    treasurer: Treasurer, change: dict[str, object]
) -> None:
    assert treasurer.pay(**change).status_code == 200


def test_a_dead_token_is_answered_in_the_words_of_this_product(treasurer: Treasurer) -> None:
    treasurer.token = "dead"
    answer = treasurer.pay()
    assert (answer.status_code, answer.json()["errorCode"]) == (401, "401.002.01")


def _failed(service: FakeService) -> object:
    result = one_result(service)
    assert "ResultParameters" not in result
    assert re.fullmatch(r"[A-Z0-9]{10}", result["TransactionID"])
    return result["ResultCode"]


def test_a_wrong_credential_is_accepted_and_fails_later(
    treasurer: Treasurer, service: FakeService
) -> None:
    assert treasurer.pay(SecurityCredential="wrong").status_code == 200
    assert _failed(service) == 2001


def test_an_empty_float_pays_nothing(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/books", utility_float=499)
    treasurer.pay()
    assert _failed(service) == 1
    assert remote.handset()["mpesa_balance"] == 50_000


def test_an_unregistered_phone_is_not_paid(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(mpesa_registered=False)
    treasurer.pay()
    assert _failed(service) == 2040


def test_a_full_wallet_is_not_paid(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(mpesa_balance=499_501)
    treasurer.pay()
    assert _failed(service) == 8
    assert remote.handset()["mpesa_balance"] == 499_501


def test_a_phone_receives_half_a_million_a_day(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    codes = []
    for number, amount in enumerate([250_000, 250_000, 10]):
        remote.set_handset(mpesa_balance=0)
        treasurer.pay(OriginatorConversationID=f"KB-{number}", Amount=amount)
        remote.post("/control/clock/advance", seconds=0)
        codes.append(one_result(service)["ResultCode"])
    remote.post("/control/clock/advance", seconds=18 * 3600)
    treasurer.sign_in()
    treasurer.pay(OriginatorConversationID="KB-tomorrow")
    remote.post("/control/clock/advance", seconds=0)
    assert [*codes, one_result(service)["ResultCode"]] == [0, 0, 4, 0]


def test_by_a_standing_clock_the_result_comes_when_its_time_has(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/settings", callback_delay_seconds=90)
    treasurer.sign_in()
    treasurer.pay()
    remote.post("/control/clock/advance", seconds=89)
    assert all_heard(service) == []
    remote.post("/control/clock/advance", seconds=1)
    assert one_result(service)["ResultCode"] == 0
