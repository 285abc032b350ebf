"""What people write to the short code, and what goes wrong on its way to the service."""

from datetime import datetime

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService

MORNING = "2026-11-25T06:00:00+03:00"
AIRTEL_PHONE = "+254733000001"


def writes(remote: Remote, text: str = "BAL", **more: object) -> object:
    return remote.post(f"/control/handsets/{PHONE}/sms", text=text, **more)["status"]


def heard(remote: Remote, service: FakeService) -> list[dict[str, str]]:
    remote.settle()
    return [service.inbound.get(timeout=20).form for _ in range(service.inbound.qsize())]


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
    first = service.inbound.get(timeout=20).form
    remote.post("/control/clock/advance", seconds=600)
    assert service.inbound.get(timeout=20).form == first


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
    assert service.inbound.get(timeout=20).form["networkCode"] == "63903"
