"""What the USSD network does wrong on demand, and what is kept of its hops."""

import json
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService, Page

NETWORK_ERROR = "Connection problem or invalid MMI code."


def test_a_repeated_hop_comes_twice_with_the_same_form(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", ussd="repeat", times=1)
    assert remote.dial()["screen"].startswith("Welcome")
    first, second = (service.hops.get(timeout=20).form for _ in range(2))
    assert first == second
    remote.type("1")
    assert service.hops.get(timeout=20).form["text"] == "1"
    assert service.hops.empty()
    repeated, plain = remote.get("/control/hops")
    assert repeated["fault"] == "repeat"
    assert repeated["repeat"].pop("milliseconds") > 0
    assert repeated["repeat"] == {
        "status": 200,
        "body": "CON Welcome\n1. Bet\n2. Leave",
        "equal": True,
    }
    assert (plain["fault"], plain["repeat"]) == (None, None)


def test_a_repeat_that_is_answered_otherwise_is_told_apart(
    remote: Remote, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()

    def forgetful(text: str) -> Page:
        asked[text] += 1
        return Page(f"CON Answer {asked[text]}")

    monkeypatch.setattr(service, "menu", forgetful)
    remote.put("/control/faults", ussd="repeat")
    shown = remote.dial()["screen"]
    [hop] = remote.get("/control/hops")
    assert hop["repeat"]["equal"] is False
    assert {f"CON {shown}", hop["repeat"]["body"]} == {"CON Answer 1", "CON Answer 2"}


def test_a_lost_answer_ends_the_session_although_the_hop_arrived(
    remote: Remote, service: FakeService
) -> None:
    remote.dial()
    remote.put("/control/faults", ussd="lose_answer", times=1)
    page = remote.type("1")
    assert (page["screen"], page["open"]) == (NETWORK_ERROR, False)
    assert [service.hops.get(timeout=20).form["text"] for _ in range(2)] == ["", "1"]
    event = service.events.get(timeout=20).form
    assert (event["status"], event["hopsCount"]) == ("Failed", "2")
    lost = remote.get("/control/hops")[1]
    assert (lost["fault"], lost["status"], lost["begins"]) == ("lose_answer", 200, "CON ")
    assert remote.dial()["open"] is True


def test_a_dropped_hop_never_arrives(remote: Remote, service: FakeService) -> None:
    remote.dial()
    service.hops.get(timeout=20)
    remote.put("/control/faults", ussd="drop", times=1)
    page = remote.type("1")
    assert (page["screen"], page["open"]) == (NETWORK_ERROR, False)
    event = service.events.get(timeout=20).form
    assert (event["status"], event["hopsCount"], event["input"]) == ("Incomplete", "1", "1")
    assert service.hops.empty()
    dropped = remote.get("/control/hops")[1]
    assert (dropped["fault"], dropped["status"], dropped["begins"]) == ("drop", None, "")


def test_a_late_hop_arrives_after_its_session_has_ended(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", session_life_seconds=0.1)
    remote.put("/control/faults", ussd={"fault": "late", "seconds": 1, "times": 1})
    with ThreadPoolExecutor() as pool:
        dialling = pool.submit(remote.dial)
        event = service.events.get(timeout=20).form
        assert service.hops.empty()
        assert service.hops.get(timeout=20).form["sessionId"] == event["sessionId"]
        page = dialling.result(timeout=5)
    assert (page["open"], page["screen"][:17]) == (False, "Session timed out")


def test_a_late_hop_still_brings_its_page(remote: Remote) -> None:
    remote.put("/control/faults", ussd={"fault": "late", "seconds": 0.01, "times": 1})
    assert remote.dial()["screen"].startswith("Welcome")
    assert remote.get("/control/hops")[0]["fault"] == "late"


def test_the_end_of_a_session_may_go_unsaid(remote: Remote, service: FakeService) -> None:
    remote.put("/control/settings", end_notifications=False)
    remote.dial()
    remote.type("2")
    remote.settle()
    assert service.events.empty()
    remote.put("/control/settings", end_notifications=True)
    remote.dial()
    remote.type("2")
    assert service.events.get(timeout=20).form["status"] == "Success"


def test_dialled_digits_may_come_with_the_service_code(
    remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", dialled_digits="service_code")
    remote.dial("*384*2030*1*50#")
    remote.type("7")
    remote.post(f"/control/handsets/{PHONE}/hang-up")
    hops = [service.hops.get(timeout=20).form for _ in range(2)]
    event = service.events.get(timeout=20).form
    assert [hop["text"] for hop in hops] == ["", "7"]
    assert {form["serviceCode"] for form in (*hops, event)} == {"*384*2030*1*50#"}
    assert remote.dial("*384*2030#")["open"] is True
    assert service.hops.get(timeout=20).form["serviceCode"] == "*384*2030#"
    assert remote.dial("*999*1#")["screen"].startswith("Unknown application")


def test_the_journal_of_hops_never_says_what_was_typed(
    remote: Remote, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "menu", lambda _text: Page("CON Enter PIN"))
    session = remote.dial()["session_id"]
    remote.put("/control/faults", ussd="repeat")
    remote.type("4826")
    hops = remote.get("/control/hops")
    assert "4826" not in json.dumps(hops)
    assert [(hop["n"], hop["session_id"], hop["text_length"]) for hop in hops] == [
        (1, session, 0),
        (2, session, 4),
    ]
    assert [(hop["status"], hop["begins"]) for hop in hops] == [(200, "CON ")] * 2
    assert all(hop["milliseconds"] > 0 for hop in hops)


def test_a_reset_forgets_hops_faults_and_settings(remote: Remote) -> None:
    remote.put("/control/settings", dialled_digits="service_code", end_notifications=False)
    remote.put("/control/faults", ussd="drop")
    remote.dial()
    remote.post("/control/reset")
    assert remote.get("/control/hops") == []
    assert remote.get("/control/faults") == {}
    settings = remote.get("/control/settings")
    assert (settings["dialled_digits"], settings["end_notifications"]) == ("text", True)
