"""What goes wrong with SMS: at the desk, with its reports, and on the way to the service."""

from collections import Counter
from datetime import datetime

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
    return [service.reports.get(timeout=5).form for _ in range(service.reports.qsize())]


def writes(remote: Remote, text: str = "BAL", **more: object) -> object:
    return remote.post(f"/control/handsets/{PHONE}/sms", text=text, **more)["status"]


def heard(remote: Remote, service: FakeService) -> list[dict[str, str]]:
    remote.settle()
    return [service.inbound.get(timeout=5).form for _ in range(service.inbound.qsize())]


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
    remote.put("/control/faults", sms={"fault": "timeout", "times": 1, "seconds": 1.5})
    with pytest.raises(requests.Timeout):
        send(remote, timeout=0.2)
    assert service.reports.get(timeout=1).form["status"] == "Success"


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
    assert service.reports.get(timeout=5).form["status"] == "Success"


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


def test_a_message_that_comes_five_times_at_once(remote: Remote, service: FakeService) -> None:
    remote.put("/control/faults", sms_inbound={"fault": "duplicate", "times": 1, "copies": 5})
    assert writes(remote) == 200
    messages = heard(remote, service)
    assert len(messages) == 5
    assert len({message["id"] for message in messages}) == 1


def test_a_message_that_comes_again_later(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/faults", sms_inbound={"fault": "repeat", "times": 1, "seconds": 600})
    assert writes(remote) == 200
    first = service.inbound.get(timeout=5).form
    remote.post("/control/clock/advance", seconds=600)
    assert service.inbound.get(timeout=5).form == first


def test_messages_that_are_late_or_lost(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/faults", sms_inbound={"fault": "delay", "times": 1, "seconds": 60})
    assert writes(remote, "late") is None
    remote.put("/control/faults", sms_inbound="drop", times=1)
    assert writes(remote, "lost") is None
    remote.post("/control/clock/advance", seconds=60)
    assert [message["text"] for message in heard(remote, service)] == ["late"]


def test_both_ways_to_write_a_date_and_no_network(remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    writes(remote)
    for fault in ("plain_date", "no_network"):
        remote.put("/control/faults", sms_inbound=fault, times=1)
        writes(remote)
    usual, plain, bare = heard(remote, service)
    assert usual["date"] == "2026-11-25T03:00:00Z"
    assert plain["date"] == "2026-11-25 03:00:00"
    assert datetime.fromisoformat(plain["date"] + "Z") == datetime.fromisoformat(usual["date"])
    assert "networkCode" in usual
    assert "networkCode" not in bare


def test_a_flood_is_many_messages_of_one_phone(remote: Remote, service: FakeService) -> None:
    assert writes(remote, "BAL", times=30) == 200
    messages = heard(remote, service)
    assert len({message["id"] for message in messages}) == 30
    assert {message["from"] for message in messages} == {PHONE}


def test_an_airtel_phone_writes_from_its_network(remote: Remote, service: FakeService) -> None:
    remote.post(f"/control/handsets/{AIRTEL_PHONE}/sms", text="BAL")
    assert service.inbound.get(timeout=5).form["networkCode"] == "63903"


def test_what_was_injected_is_counted(remote: Remote) -> None:
    remote.put("/control/faults", sms="no_cost", sms_report="drop", sms_inbound="drop", times=1)
    send(remote)
    writes(remote)
    counts = remote.get("/control/counts")
    assert counts == {"sms.no_cost": 1, "sms_inbound.drop": 1, "sms_report.drop": 1}
