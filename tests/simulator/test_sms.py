"""The SMS desk of Africa's Talking, the inboxes, the reports and what people write."""

from typing import Any

import pytest
import requests

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def send(
    remote: Remote,
    *,
    key: str = "demo-at-key",
    timeout: float = 5,
    sender: str = "KIBEEZY",
    **fields: str | None,
) -> requests.Response:
    """Post an order as the provider's SDK does; a field of None is left out."""
    order: dict[str, str | None] = {
        "username": "kibeezy-demo",
        "to": PHONE,
        "message": "Your code is 123456",
        "bulkSMSMode": "1",
        "from": sender,
        "enqueue": "1",
        **fields,
    }
    return requests.post(
        f"{remote.url}/version1/messaging",
        data={name: value for name, value in order.items() if value is not None},
        headers={"apiKey": key, "Accept": "application/json"},
        timeout=timeout,
    )


def recipients(answer: requests.Response) -> Any:  # noqa: ANN401 - JSON
    return answer.json()["SMSMessageData"]["Recipients"]


def test_an_sms_is_accepted_delivered_and_reported(remote: Remote, service: FakeService) -> None:
    answer = send(remote)
    assert answer.status_code == 201
    assert answer.headers["Content-Type"] == "application/json"
    data = answer.json()["SMSMessageData"]
    assert data["Message"] == "Sent to 1/1 Total Cost: USD 0.0079 Message parts: 1"
    [line] = data["Recipients"]
    message_id = line.pop("messageId")
    assert line == {
        "cost": "KES 0.8000",
        "number": PHONE,
        "status": "Success",
        "statusCode": 102,
    }
    assert remote.handset()["inbox"][0]["text"] == "Your code is 123456"
    assert remote.handset()["inbox"][0]["from"] == "KIBEEZY"
    report = service.reports.get(timeout=20).form
    assert (report["id"], report["status"]) == (message_id, "Success")
    assert set(report) == {
        "id",
        "status",
        "phoneNumber",
        "networkCode",
        "failureReason",
        "retryCount",
    }
    [message] = remote.get(f"/control/messages?to={PHONE[1:]}")
    assert (message["id"], message["parts"]) == (message_id, 1)


def test_without_enqueue_it_is_sent(remote: Remote) -> None:
    assert recipients(send(remote, enqueue=None))[0]["statusCode"] == 101


def test_long_and_unusual_texts_have_more_parts(remote: Remote) -> None:
    assert "Message parts: 2" in send(remote, message="a" * 161).text
    assert "Message parts: 2" in send(remote, message="{" * 81).text
    assert "Message parts: 1" in send(remote, message="\u2019" * 70).text
    assert "Message parts: 2" in send(remote, message="\u2019" * 71).text


def test_several_recipients(remote: Remote) -> None:
    lines = recipients(send(remote, to=f"{PHONE},+254711000002,12"))
    assert [line["statusCode"] for line in lines] == [102, 102, 403]


@pytest.mark.parametrize(
    ("key", "username"), [("wrong", "kibeezy-demo"), ("demo-at-key", "somebody")]
)
def test_wrong_credentials(remote: Remote, key: str, username: str) -> None:
    answer = send(remote, key=key, username=username)
    assert (answer.status_code, answer.text) == (401, "The supplied authentication is invalid")
    assert answer.headers["Content-Type"].startswith("text/plain")


def test_an_unknown_sender_is_refused_inside_a_201(remote: Remote) -> None:
    answer = send(remote, sender="SOMEBODY")
    assert answer.status_code == 201
    assert answer.json() == {"SMSMessageData": {"Message": "InvalidSenderId", "Recipients": []}}


def test_a_blacklisted_phone_has_the_id_none(remote: Remote) -> None:
    remote.set_handset(blacklisted=True)
    answer = send(remote)
    assert answer.status_code == 201
    assert answer.json()["SMSMessageData"]["Message"] == "Sent to 0/1 Total Cost: 0"
    [line] = recipients(answer)
    assert (line["statusCode"], line["status"]) == (406, "UserInBlacklist")
    assert line["messageId"] == "None"
    assert remote.handset()["inbox"] == []


def test_a_person_writes_to_the_short_code(remote: Remote, service: FakeService) -> None:
    assert remote.post(f"/control/handsets/{PHONE}/sms", text="BAL") == {"status": 200}
    form = service.inbound.get(timeout=20).form
    assert form.pop("date").endswith("Z")
    assert form.pop("id")
    assert form == {
        "from": PHONE,
        "linkId": "",
        "text": "BAL",
        "to": "20300",
        "networkCode": "63902",
    }


def test_reports_can_be_switched_off(remote: Remote, service: FakeService) -> None:
    remote.put("/control/settings", delivery_reports=False)
    send(remote)
    remote.settle()
    assert service.reports.empty()


def test_a_message_is_unread_until_it_is_opened(remote: Remote) -> None:
    send(remote)
    handset = remote.handset()
    assert handset["unread"] == 1
    remote.post(f"/control/handsets/{PHONE}/read", message=handset["inbox"][0]["id"])
    assert remote.handset()["unread"] == 0


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("invalid_sender", 201, "InvalidSenderId"),
        ("error_500", 500, "Internal Server Error"),
        ("unauthorised", 401, "The supplied authentication is invalid"),
        ("no_credit", 201, "InsufficientBalance"),
    ],
)
def test_faults_that_refuse_an_sms(remote: Remote, fault: str, status: int, words: str) -> None:
    remote.put("/control/faults", sms=fault, times=1)
    answer = send(remote)
    assert answer.status_code == status
    assert words in answer.text
    assert remote.handset()["inbox"] == []
    assert recipients(send(remote))[0]["status"] == "Success"


def test_the_fault_timeout_delivers_without_an_answer_in_time(remote: Remote) -> None:
    remote.put("/control/faults", sms={"fault": "timeout", "times": 1, "seconds": 3})
    with pytest.raises(requests.Timeout):
        send(remote, timeout=1.0)
    assert len(remote.handset()["inbox"]) == 1
    remote.settle()


def test_a_script_may_ask_for_what_is_new(remote: Remote) -> None:
    for words in ("one", "two", "three"):
        send(remote, message=words)
    assert [sms["text"] for sms in remote.get("/control/messages?after=1")] == ["two", "three"]
    assert remote.get("/control/messages?after=3") == []
    assert requests.get(f"{remote.url}/control/messages?after=x", timeout=5).status_code == 400
