"""Infobip's desk: its answers, the one inbox, its reports and what goes wrong with them."""

import json
from typing import Any

import pytest
import requests

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def send(
    remote: Remote,
    service: FakeService,
    *,
    key: str = "demo-infobip-key",
    sender: str = "KIBEEZY",
    message_id: str = "m-1",
    timeout: float = 5,
) -> requests.Response:
    message = {
        "sender": sender,
        "destinations": [{"to": PHONE[1:], "messageId": message_id}],
        "content": {"text": "Your code is 123456"},
        "webhooks": {
            "delivery": {"url": f"{service.url}/sms/infobip-secret/infobip/delivery"},
            "contentType": "application/json",
        },
    }
    return requests.post(
        f"{remote.url}/sms/3/messages",
        json={"messages": [message]},
        headers={"Authorization": f"App {key}"},
        timeout=timeout,
    )


def status(answer: requests.Response) -> Any:  # noqa: ANN401 - JSON
    [line] = answer.json()["messages"]
    return line["status"]["name"]


def report(service: FakeService) -> Any:  # noqa: ANN401 - JSON
    heard = service.batches.get(timeout=20)
    assert heard.headers["CONTENT_TYPE"] == "application/json"
    [result] = json.loads(heard.body)["results"]
    return result


def test_a_message_is_accepted_delivered_and_reported(remote: Remote, service: FakeService) -> None:
    answer = send(remote, service)
    assert (answer.status_code, status(answer)) == (200, "PENDING_ACCEPTED")
    [line] = answer.json()["messages"]
    assert (line["messageId"], line["details"]) == ("m-1", {"messageCount": 1})
    [message] = remote.handset()["inbox"]
    assert (message["from"], message["text"]) == ("KIBEEZY", "Your code is 123456")
    [sent] = remote.get(f"/control/messages?to={PHONE[1:]}")
    assert (sent["id"], sent["provider"]) == ("m-1", "infobip")
    told = report(service)
    assert (told["messageId"], told["status"]["groupName"]) == ("m-1", "DELIVERED")
    assert told["price"] == {"pricePerMessage": 0.0062, "currency": "EUR"}
    assert (told["messageCount"], told["mccMnc"]) == (1, "63902")


@pytest.mark.parametrize(
    ("fault", "http_status"),
    [("error_500", 500), ("error_503", 503), ("throttle", 429), ("unauthorised", 401)],
)
def test_faults_that_refuse_an_order(
    remote: Remote, service: FakeService, fault: str, http_status: int
) -> None:
    remote.put("/control/faults", infobip=fault, times=1)
    assert send(remote, service).status_code == http_status
    assert remote.handset()["inbox"] == []
    assert status(send(remote, service)) == "PENDING_ACCEPTED"


def test_what_is_rejected_inside_a_200(remote: Remote, service: FakeService) -> None:
    assert send(remote, service, key="wrong").status_code == 401
    assert status(send(remote, service, sender="SOMEBODY")) == "REJECTED_SOURCE"
    remote.put("/control/faults", infobip="rejected", times=1)
    assert status(send(remote, service)) == "REJECTED_NOT_ENOUGH_CREDITS"
    assert status(send(remote, service)) == "PENDING_ACCEPTED"
    assert status(send(remote, service)) == "REJECTED_DUPLICATE_MESSAGE_ID"
    remote.set_handset(blacklisted=True)
    assert status(send(remote, service, message_id="m-2")) == "REJECTED_DESTINATION"
    assert len(remote.handset()["inbox"]) == 1


@pytest.mark.parametrize(
    ("fault", "group", "inbox"),
    [("rejected_later", "REJECTED", 0), ("undeliverable", "UNDELIVERABLE", 0)],
)
def test_what_is_accepted_and_fails_later(
    remote: Remote, service: FakeService, fault: str, group: str, inbox: int
) -> None:
    remote.put("/control/faults", infobip=fault, times=1)
    assert status(send(remote, service)) == "PENDING_ACCEPTED"
    assert report(service)["status"]["groupName"] == group
    assert len(remote.handset()["inbox"]) == inbox


def test_reports_may_be_missing_or_come_several_times(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", infobip="no_report", times=1)
    send(remote, service, message_id="silent")
    remote.put("/control/faults", infobip={"fault": "duplicate_report", "copies": 2, "times": 1})
    send(remote, service, message_id="loud")
    remote.settle()
    assert [report(service)["messageId"] for _ in range(2)] == ["loud", "loud"]
    assert service.batches.empty()


def test_the_fault_timeout_delivers_without_an_answer_in_time(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", infobip={"fault": "timeout", "times": 1, "seconds": 3})
    with pytest.raises(requests.Timeout):
        send(remote, service, timeout=1.0)
    assert len(remote.handset()["inbox"]) == 1
    remote.settle()


def test_a_late_report_waits_for_its_time(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", infobip={"fault": "slow_report", "times": 1, "seconds": 600})
    send(remote, service)
    remote.post("/control/clock/advance", seconds=599)
    assert service.batches.empty()
    remote.post("/control/clock/advance", seconds=1)
    assert report(service)["messageId"] == "m-1"
