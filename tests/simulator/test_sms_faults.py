"""What goes wrong with SMS on their way to a phone: at the desk, and with their reports."""

from collections import Counter

import pytest
import requests

from simulator.sms_faults import FAILURE_REASONS, RECIPIENT_CODES
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.test_sms import recipients, send

MORNING = "2026-11-25T06:00:00+03:00"
AIRTEL_PHONE = "+254733000001"


def inbox(remote: Remote) -> list[str]:
    return [message["text"] for message in remote.handset()["inbox"]]


def reported(remote: Remote, service: FakeService) -> list[dict[str, str]]:
    remote.settle()
    return [service.reports.get(timeout=20).form for _ in range(service.reports.qsize())]


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("html_502", 502, "<html>"),
        ("throttle", 429, "Too Many Requests"),
        ("no_recipients", 201, '"Sent to 0/1 Total Cost: 0", "Recipients": []'),
        *((f"code_{code}", 201, word) for code, word in RECIPIENT_CODES.items() if code != 405),
    ],
)
def test_an_order_that_is_not_taken(remote: Remote, fault: str, status: int, words: str) -> None:
    remote.put("/control/faults", sms=fault, times=1)
    answer = send(remote)
    assert answer.status_code == status
    assert words in answer.text
    assert inbox(remote) == []
    assert recipients(send(remote))[0]["status"] == "Success"


def test_a_refused_recipient_has_the_code_and_no_id(remote: Remote) -> None:
    remote.put("/control/faults", sms="code_502")
    [line] = recipients(send(remote))
    assert (line["statusCode"], line["status"]) == (502, "RejectedByGateway")
    assert (line["messageId"], line["cost"]) == ("None", "0")


@pytest.mark.parametrize(("fault", "arrives"), [("cut", 0), ("lose_answer", 1)])
def test_a_line_that_is_cut_before_or_after(
    remote: Remote, service: FakeService, fault: str, arrives: int
) -> None:
    remote.put("/control/faults", sms=fault, times=1)
    with pytest.raises(requests.ConnectionError):
        send(remote)
    assert len(inbox(remote)) == arrives
    assert len(reported(remote, service)) == arrives


def test_an_answer_that_breaks_off(remote: Remote) -> None:
    remote.put("/control/faults", sms="truncated", times=1)
    answer = send(remote)
    assert answer.status_code == 201
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(inbox(remote)) == 1


def test_an_answer_under_another_content_type(remote: Remote) -> None:
    remote.put("/control/faults", sms="with_charset", times=1)
    answer = send(remote)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert recipients(answer)[0]["status"] == "Success"


def test_a_wrong_number_of_parts(remote: Remote) -> None:
    remote.put("/control/faults", sms="wrong_parts", times=1)
    assert "Message parts: 2" in send(remote).text
    assert "Message parts: 1" in send(remote).text


@pytest.mark.parametrize(
    ("fault", "cost"), [("no_cost", None), ("zero_cost", "0"), ("usd_cost", "USD 0.0079")]
)
def test_costs_that_are_not_kenyan(remote: Remote, fault: str, cost: str | None) -> None:
    remote.put("/control/faults", sms=fault, times=1)
    [line] = recipients(send(remote))
    assert line["status"] == "Success"
    assert line.get("cost") == cost


def test_an_accepted_message_without_an_id(remote: Remote) -> None:
    remote.put("/control/faults", sms="no_id", times=1)
    [line] = recipients(send(remote))
    assert (line["status"], line["messageId"]) == ("Success", "None")
    assert len(inbox(remote)) == 1


def test_a_report_of_a_timed_out_order_does_not_wait_for_its_answer(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", sms={"fault": "timeout", "times": 1, "seconds": 20})
    with pytest.raises(requests.Timeout):
        send(remote, timeout=0.2)
    assert service.reports.get(timeout=15).form["status"] == "Success"


def test_a_report_names_the_network_of_the_number(remote: Remote, service: FakeService) -> None:
    for phone in (PHONE, AIRTEL_PHONE, "+254770000001", "+254763000001", "+254110000001"):
        send(remote, to=phone)
    networks = {each["phoneNumber"]: each["networkCode"] for each in reported(remote, service)}
    assert list(networks.values()).count("63902") == 2
    assert networks[AIRTEL_PHONE] == "63903"
    assert networks["+254770000001"] == "63907"
    assert networks["+254763000001"] == "63999"


def test_a_report_that_is_never_sent(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sms_report="drop", times=1)
    send(remote)
    assert reported(remote, service) == []
    assert len(inbox(remote)) == 1
    assert remote.get("/control/messages")[0]["reported"] is None


def test_a_late_report_follows_the_clock(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/faults", sms_report={"fault": "delay", "times": 1, "seconds": 3600})
    send(remote)
    remote.post("/control/clock/advance", seconds=3599)
    assert service.reports.empty()
    remote.post("/control/clock/advance", seconds=1)
    assert service.reports.get(timeout=20).form["status"] == "Success"


def test_copies_of_a_report(remote: Remote, service: FakeService) -> None:
    order = {"fault": "duplicate", "times": 2, "copies": 5}
    remote.put("/control/faults", sms_report=order)
    send(remote)
    assert len({each["id"] for each in reported(remote, service)}) == 1
    remote.put("/control/clock", stands_at=MORNING)
    send(remote)
    remote.post("/control/clock/advance", seconds=1)
    assert [each["status"] for each in reported(remote, service)] == ["Success"] * 5


def test_a_report_before_the_answer(remote: Remote, service: FakeService) -> None:
    remote.put("/control/settings", callback_delay_seconds=3600)
    remote.put("/control/faults", sms_report="before_answer", times=1)
    answer = send(remote)
    report = service.reports.get(block=False).form
    assert report["id"] == recipients(answer)[0]["messageId"]


def test_several_reports_of_a_message(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sms_report="interim", times=1)
    send(remote)
    told = [each["status"] for each in reported(remote, service)]
    assert told == ["Sent", "Submitted", "Buffered", "Success"]


def test_reports_in_an_order_that_is_drawn(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sms_report="shuffle")
    orders = set()
    for _ in range(6):
        send(remote)
        told = [each["status"] for each in reported(remote, service)]
        assert Counter(told) == Counter(["Sent", "Submitted", "Buffered", "Success"])
        orders.add(tuple(told))
    assert len(orders) > 1


@pytest.mark.parametrize(
    ("fault", "statuses"),
    [
        ("failure_after_success", ["Success", "Failed"]),
        ("success_after_failure", ["Failed", "Success"]),
    ],
)
def test_two_final_reports_that_contradict_each_other(
    remote: Remote, service: FakeService, fault: str, statuses: list[str]
) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/faults", sms_report={"fault": fault, "times": 1, "seconds": 600})
    send(remote)
    remote.post("/control/clock/advance", seconds=599)
    assert service.reports.qsize() == 1
    remote.post("/control/clock/advance", seconds=10)
    assert [each["status"] for each in reported(remote, service)] == statuses


@pytest.mark.parametrize("reason", FAILURE_REASONS)
def test_every_reason_of_a_failure(remote: Remote, service: FakeService, reason: str) -> None:
    status = FAILURE_REASONS[reason]
    remote.put("/control/faults", sms_report=f"{status.lower()}_{reason}", times=1)
    send(remote)
    [report] = reported(remote, service)
    assert (report["status"], report["failureReason"]) == (status, reason)
    assert inbox(remote) == []
    assert remote.get("/control/messages")[0]["reported"] == status


@pytest.mark.parametrize(
    ("fault", "status", "arrives"),
    [("failed", "Failed", 0), ("expired", "Expired", 0), ("unknown_status", "Dispatched", 1)],
)
def test_reports_without_a_reason(
    remote: Remote, service: FakeService, fault: str, status: str, arrives: int
) -> None:
    remote.put("/control/faults", sms_report=fault, times=1)
    send(remote)
    [report] = reported(remote, service)
    assert (report["status"], report["failureReason"]) == (status, "")
    assert len(inbox(remote)) == arrives


def test_reports_that_name_what_is_not_so(remote: Remote, service: FakeService) -> None:
    told = {}
    for fault in ("another_network", "unknown_network", "wrong_phone", "unknown_id"):
        remote.put("/control/faults", sms_report=fault, times=1)
        sent = recipients(send(remote))[0]["messageId"]
        [report] = reported(remote, service)
        told[fault] = (report["networkCode"], report["phoneNumber"], report["id"] == sent)
    assert told == {
        "another_network": ("63903", PHONE, True),
        "unknown_network": ("63900", PHONE, True),
        "wrong_phone": ("63902", "+254700000002", True),
        "unknown_id": ("63902", PHONE, False),
    }


def test_what_was_injected_is_counted(remote: Remote) -> None:
    remote.put("/control/faults", sms="no_cost", sms_report="drop", sms_inbound="drop", times=1)
    send(remote)
    remote.post(f"/control/handsets/{PHONE}/sms", text="BAL")
    counts = remote.get("/control/counts")
    assert counts == {"sms.no_cost": 1, "sms_inbound.drop": 1, "sms_report.drop": 1}
