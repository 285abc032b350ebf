"""Africa's Talking's SIM-swap question, from both ends."""

import json
import re
from typing import Any

import pytest
import requests

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def ask(
    remote: Remote,
    *numbers: str,
    key: str = "demo-at-key",
    username: str = "kibeezy-demo",
) -> requests.Response:
    return requests.post(
        f"{remote.url}/v1/sim-swap",
        json={"username": username, "phoneNumbers": list(numbers)},
        headers={"apiKey": key},
        timeout=5,
    )


def answered(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    return json.loads(service.sim_swaps.get(timeout=20).body)


@pytest.mark.parametrize(
    ("swapped_on", "status", "told"),
    [("2026-11-20", "Swapped", "20-11-2026"), (None, "NotSwapped", "01-01-1900")],
)
def test_a_question_is_queued_and_answered_later(
    remote: Remote, service: FakeService, swapped_on: str | None, status: str, told: str
) -> None:
    remote.set_handset(sim_swapped_on="2026-01-01")
    assert remote.set_handset(sim_swapped_on=swapped_on)["sim_swapped_on"] == swapped_on
    queued = ask(remote, PHONE)
    assert queued.status_code == 200
    assert queued.headers["Content-Type"] == "application/json"
    reply = queued.json()
    [entry] = reply["responses"]
    assert re.fullmatch(r"ATXSwid_[0-9a-f]{32}", entry["requestId"])
    assert entry == {
        "cost": {"amount": 5, "currencyCode": "KES"},
        "phoneNumber": {
            "carrierName": "Safaricom",
            "countryCode": 254,
            "networkCode": "Safaricom",
            "number": PHONE,
            "numberType": "Mobile",
        },
        "requestId": entry["requestId"],
        "status": "Queued",
    }
    assert reply["status"] == "Processed"
    answer = answered(service)
    assert answer == {
        "status": status,
        "lastSimSwapDate": told,
        "providerRefId": answer["providerRefId"],
        "requestId": entry["requestId"],
        "transactionId": reply["transactionId"],
    }


def test_each_number_has_a_request_of_its_own(remote: Remote, service: FakeService) -> None:
    entries = ask(remote, PHONE, "+254711000002").json()["responses"]
    wanted = {entry["requestId"] for entry in entries}
    assert {answered(service)["requestId"] for _ in range(2)} == wanted


def test_an_unsupported_number_has_no_request(remote: Remote, service: FakeService) -> None:
    [entry] = ask(remote, "+12025550100").json()["responses"]
    assert entry["status"] == "UnsupportedPhoneNumber"
    assert entry.keys().isdisjoint({"requestId", "cost"})
    remote.settle()
    assert service.sim_swaps.empty()


@pytest.mark.parametrize("wrong", [{"key": "wrong"}, {"username": "stranger"}])
def test_a_stranger_is_told_in_plain_text(remote: Remote, wrong: dict[str, str]) -> None:
    refused = ask(remote, PHONE, **wrong)
    assert refused.status_code == 401
    assert refused.text == "The supplied authentication is invalid"


def test_no_answer_comes(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sim_swap="no_answer", times=1)
    assert ask(remote, PHONE).json()["responses"][0]["status"] == "Queued"
    remote.settle()
    assert service.sim_swaps.empty()


def test_the_question_is_not_taken(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sim_swap="error_500", times=1)
    assert ask(remote, PHONE).status_code == 500
    remote.settle()
    assert service.sim_swaps.empty()


def test_the_answer_is_late(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", sim_swap={"fault": "delay", "seconds": 600, "times": 1})
    ask(remote, PHONE)
    remote.post("/control/clock/advance", seconds=599)
    assert service.sim_swaps.empty()
    remote.post("/control/clock/advance", seconds=1)
    assert answered(service)["status"] == "NotSwapped"


def test_the_answer_is_in_words_that_nobody_knows(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sim_swap="unknown_status", times=1)
    ask(remote, PHONE)
    assert answered(service)["status"] == "Undetermined"


def test_an_answer_is_listed_and_can_be_repeated(remote: Remote, service: FakeService) -> None:
    ask(remote, PHONE)
    first = answered(service)
    remote.settle()
    [told] = remote.get("/control/callbacks")
    assert told["url"].endswith("/sms/at-secret/sim-swap")
    remote.post("/control/callbacks/1/repeat")
    assert answered(service) == first
