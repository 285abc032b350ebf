"""The USSD gateway: hops, pages, and the end of a session."""

import re

import pytest

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService


def test_a_dialled_code_becomes_the_first_hop(remote: Remote, service: FakeService) -> None:
    page = remote.dial()
    assert (page["screen"], page["open"]) == ("Welcome\n1. Bet\n2. Leave", True)
    form = service.hops.get(timeout=20).form
    assert re.fullmatch(r"ATUid_[0-9a-f]{32}", form.pop("sessionId"))
    assert form == {
        "serviceCode": "*384*2030#",
        "phoneNumber": PHONE,
        "networkCode": "63902",
        "text": "",
    }


def test_inputs_pile_up_and_the_label_comes_back(remote: Remote, service: FakeService) -> None:
    remote.dial()
    remote.type("1")
    assert remote.type("50")["screen"] == "You typed 1*50"
    first, second, third = (service.hops.get(timeout=20) for _ in range(3))
    assert [hop.form["text"] for hop in (first, second, third)] == ["", "1", "1*50"]
    assert "AT_USSD_HOP_METADATA" not in first.headers
    assert second.headers["AT_USSD_HOP_METADATA"] == "home"
    assert third.headers["AT_USSD_HOP_METADATA"] == "bet"
    assert len({hop.form["sessionId"] for hop in (first, second, third)}) == 1


def test_digits_dialled_beyond_the_code_are_the_first_text(
    remote: Remote, service: FakeService
) -> None:
    assert remote.dial("*384*2030*1#")["screen"] == "Which?"
    assert service.hops.get(timeout=20).form["text"] == "1"


@pytest.mark.parametrize("code", ["*999#", "*384*20301#", "*384*2030", "*384*2030*1"])
def test_another_code_is_an_unknown_application(
    remote: Remote, service: FakeService, code: str
) -> None:
    page = remote.dial(code)
    assert page["screen"].startswith("Unknown application")
    assert page["open"] is False
    assert service.hops.empty()


def test_an_end_closes_the_session_and_is_notified(remote: Remote, service: FakeService) -> None:
    remote.dial()
    page = remote.type("2")
    assert (page["screen"], page["open"]) == ("Goodbye", False)
    event = service.events.get(timeout=20).form
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", event["date"])
    assert (event["status"], event["hopsCount"]) == ("Success", "2")
    assert (event["input"], event["lastAppResponse"]) == ("2", "END Goodbye")
    assert event["hopsMetadata"] == "home"
    assert "errorMessage" not in event
    assert remote.try_post(f"/control/handsets/{PHONE}/type", keys="1").status_code == 409


@pytest.mark.parametrize("keys", ["8", "9"])
def test_a_bad_answer_shows_the_network_s_own_page(
    remote: Remote, service: FakeService, keys: str
) -> None:
    remote.dial()
    page = remote.type(keys)
    assert page["screen"] == "Connection problem or invalid MMI code."
    assert page["open"] is False
    event = service.events.get(timeout=20).form
    assert event["status"] == "Failed"
    assert event["errorMessage"].startswith("Received unexpected response code")


def test_hanging_up_is_an_incomplete_session(remote: Remote, service: FakeService) -> None:
    remote.dial()
    assert remote.post(f"/control/handsets/{PHONE}/hang-up")["screen"] == ""
    assert service.events.get(timeout=20).form["status"] == "Incomplete"


def test_dialling_again_ends_the_session_before(remote: Remote, service: FakeService) -> None:
    first = remote.dial()["session_id"]
    assert remote.dial()["session_id"] != first
    assert service.events.get(timeout=20).form["sessionId"] == first


def test_a_session_left_alone_runs_out(remote: Remote, service: FakeService) -> None:
    remote.put("/control/settings", session_life_seconds=0.1)
    remote.dial()
    assert service.events.get(timeout=20).form["status"] == "Incomplete"
    handset = remote.handset()
    assert (handset["open"], handset["screen"][:17]) == (False, "Session timed out")


def test_two_phones_have_two_sessions(remote: Remote) -> None:
    remote.dial(phone="0711000001")
    remote.dial(phone="254711000002")
    assert remote.type("1", phone="+254711000001")["screen"] == "Which?"
    assert remote.handset("0711000002")["screen"].startswith("Welcome")
