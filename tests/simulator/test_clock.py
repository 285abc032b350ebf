"""The virtual clock: what falls due runs in order, at its own time, and nothing runs before."""

from datetime import datetime, timedelta

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService

MORNING = "2026-11-25T06:00:00+03:00"
EVENING = "2026-11-25T18:00:00+03:00"
OTHER = "+254711000002"


def stand(remote: Remote, moment: str = MORNING) -> None:
    remote.put("/control/clock", stands_at=moment)


def advance(remote: Remote, seconds: float) -> int:
    return int(remote.post("/control/clock/advance", seconds=seconds)["ran"])


def test_a_standing_clock_stays_until_it_is_moved(remote: Remote) -> None:
    stand(remote)
    assert remote.get("/control/clock") == {"now": MORNING, "next_due": None, "stands": True}
    answer = remote.post("/control/clock/advance", seconds=3600)
    assert answer == {"now": "2026-11-25T07:00:00+03:00", "next_due": None, "ran": 0}
    answer = remote.post("/control/clock/advance", to="2026-11-26T00:00:00+03:00")
    assert answer["now"] == "2026-11-26T00:00:00+03:00"


def test_a_running_clock_cannot_be_moved(remote: Remote) -> None:
    assert remote.try_post("/control/clock/advance", seconds=1).status_code == 409


@pytest.mark.parametrize("body", [{}, {"seconds": 1, "to": MORNING}, {"seconds": -1}])
def test_a_move_is_either_by_seconds_or_up_to_a_moment(
    remote: Remote, body: dict[str, object]
) -> None:
    stand(remote)
    assert remote.try_post("/control/clock/advance", **body).status_code == 400


def test_a_moment_without_a_zone_is_refused(remote: Remote) -> None:
    answer = requests.put(
        f"{remote.url}/control/clock", json={"stands_at": "2026-11-25T06:00:00"}, timeout=5
    )
    assert answer.status_code == 400


def test_nothing_is_delivered_before_the_clock_is_moved(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    remote.put("/control/settings", callback_delay_seconds=10)
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    assert remote.get("/control/journal") == []
    assert advance(remote, 0) == 1
    assert [debit["at"][:19] for debit in remote.get("/control/journal")] == [MORNING[:19]]
    assert advance(remote, 9.5) == 0
    assert service.callbacks.empty()
    assert remote.get("/control/clock")["next_due"] == "2026-11-25T06:00:10+03:00"
    assert advance(remote, 0.5) == 1
    assert service.callbacks.qsize() == 1


def test_each_delivery_reads_its_own_due_time(merchant: Merchant, remote: Remote) -> None:
    stand(remote)
    remote.put("/control/settings", callback_delay_seconds=10, prompt_life_seconds=60)
    merchant.pushed()
    assert advance(remote, 3600) == 3
    [callback] = remote.get("/control/callbacks")
    assert callback["at"] == "2026-11-25T06:01:10.000+03:00"
    assert callback["body"]["Body"]["stkCallback"]["ResultCode"] == 1037


def test_what_is_due_at_one_moment_runs_in_the_order_of_asking(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    phones = [f"2547000000{number:02}" for number in range(10, 20)]
    for phone in phones:
        remote.set_handset(f"+{phone}", next_answer="approve")
        merchant.pushed(PhoneNumber=phone, PartyA=phone)
    assert advance(remote, 0) == 20
    heard = [service.callbacks.get(timeout=20).body for _ in phones]
    assert [phone for body in heard for phone in phones if phone in body] == phones


def test_an_answer_by_a_script_comes_after_the_handset_s_own_delay(
    merchant: Merchant, remote: Remote
) -> None:
    stand(remote)
    remote.set_handset(next_answer="approve", answer_after_seconds=12)
    merchant.pushed()
    advance(remote, 11)
    assert remote.handset()["prompt"]["amount"] == 1000
    advance(remote, 1)
    assert remote.handset()["prompt"] is None
    assert remote.handset()["mpesa_balance"] == 49_000


def test_an_answer_that_comes_after_the_prompt_s_life_is_none(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    remote.put("/control/settings", prompt_life_seconds=60)
    remote.set_handset(next_answer="approve", answer_after_seconds=61)
    merchant.pushed()
    advance(remote, 3600)
    assert '"ResultCode": 1037' in service.callbacks.get(timeout=20).body
    assert remote.get("/control/journal") == []


def test_the_token_and_the_session_live_by_the_clock(merchant: Merchant, remote: Remote) -> None:
    stand(remote)
    merchant.sign_in()
    remote.dial()
    advance(remote, 179)
    assert remote.handset()["open"]
    advance(remote, 1)
    assert not remote.handset()["open"]
    advance(remote, 3599 - 180)
    assert merchant.push().status_code == 200
    advance(remote, 1)
    assert merchant.push(PhoneNumber=OTHER[1:]).json()["errorCode"] == "404.001.03"


def test_identifiers_are_stamped_by_the_clock(merchant: Merchant, remote: Remote) -> None:
    stand(remote)
    remote.set_handset(next_answer="approve")
    assert merchant.pushed() == "ws_CO_25112026060000000700000001"
    advance(remote, 0)
    assert remote.get("/control/journal")[0]["receipt"].startswith("UKP")


def test_two_pushes_in_one_moment_have_ids_of_their_own(merchant: Merchant, remote: Remote) -> None:
    stand(remote)
    remote.set_handset(next_answer="cancel", sticky=True)
    first = merchant.pushed()
    advance(remote, 0)
    assert merchant.pushed() != first


def test_what_is_under_way_keeps_its_delay_when_the_clock_runs_and_stops_again(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    merchant.pushed()
    advance(remote, 0)
    remote.put("/control/clock", stands_at=None)
    stand(remote, EVENING)
    due = datetime.fromisoformat(remote.get("/control/clock")["next_due"])
    evening = datetime.fromisoformat(EVENING)
    assert evening + timedelta(seconds=50) < due <= evening + timedelta(seconds=60)
    advance(remote, 60)
    assert '"ResultCode": 1037' in service.callbacks.get(timeout=20).body


def test_what_was_asked_for_by_a_standing_clock_comes_when_it_runs(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    remote.set_handset(next_answer="approve")
    merchant.pushed()
    assert service.callbacks.empty()
    remote.put("/control/clock", stands_at=None)
    assert '"ResultCode": 0' in service.callbacks.get(timeout=20).body


def test_a_reset_lets_the_clock_run_and_drops_what_is_due(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    stand(remote)
    remote.set_handset(PHONE, next_answer="approve")
    merchant.pushed()
    remote.post("/control/reset")
    assert remote.get("/control/clock")["stands"] is False
    stand(remote)
    assert advance(remote, 3600) == 0
    assert service.callbacks.empty()
