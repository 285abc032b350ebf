"""What a person, a wallet and M-Pesa's own rules make of a push."""

import json

import pytest

from simulator.known_faults import FAULTS
from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService

MORNING = "2026-11-25T06:00:00+03:00"


@pytest.fixture(autouse=True)
def by_a_standing_clock(remote: Remote) -> None:
    remote.put("/control/clock", stands_at=MORNING)


def ends_with(
    merchant: Merchant, remote: Remote, service: FakeService, **changes: object
) -> int | str:
    """Push, let it be answered by a script, and return the callback's code."""
    checkout_id = merchant.pushed(**changes)
    remote.post("/control/clock/advance", seconds=0)
    call = json.loads(service.callbacks.get_nowait().body)["Body"]["stkCallback"]
    code = call["ResultCode"]
    assert isinstance(code, int | str)
    assert merchant.query(checkout_id).json()["ResultCode"] == str(code)
    return code


def test_three_wrong_pins_lock_the_pin_until_it_is_unlocked(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    answers = ["wrong_pin", "wrong_pin", "wrong_pin", "approve"]
    codes = []
    for answer in answers:
        remote.set_handset(next_answer=answer)
        codes.append(ends_with(merchant, remote, service))
    assert codes == [2001, 2001, 2001, 8006]
    assert remote.handset()["pin_locked"]
    remote.set_handset(next_answer="approve", pin_locked=False)
    assert ends_with(merchant, remote, service) == 0


def test_a_right_pin_makes_the_wrong_ones_forgotten(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    for answer in ("wrong_pin", "wrong_pin", "approve", "wrong_pin", "wrong_pin", "approve"):
        remote.set_handset(next_answer=answer)
        code = ends_with(merchant, remote, service)
        assert code == (0 if answer == "approve" else 2001)


def test_a_busy_phone_is_locked_for_the_push(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="busy")
    assert ends_with(merchant, remote, service) == 1001


def test_a_wallet_pays_no_more_than_500_000_a_day(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(mpesa_balance=900_000, next_answer="approve", sticky=True)
    for _ in range(2):
        assert ends_with(merchant, remote, service, Amount="250000") == 0
    assert remote.handset()["spent_today"] == 500_000
    assert ends_with(merchant, remote, service, Amount="1") == 4
    remote.post("/control/clock/advance", to="2026-11-26T00:00:00+03:00")
    assert ends_with(merchant, remote, service, Amount="1") == 0
    assert remote.handset()["spent_today"] == 1


def test_the_lock_lasts_for_a_minute_after_the_end(merchant: Merchant, remote: Remote) -> None:
    remote.put("/control/settings", subscriber_lock_seconds=60)
    remote.set_handset(next_answer="cancel", sticky=True)
    merchant.pushed()
    remote.post("/control/clock/advance", seconds=59)
    assert merchant.push().json()["errorMessage"].startswith("Unable to lock subscriber")
    remote.post("/control/clock/advance", seconds=1)
    assert merchant.push().status_code == 200


def test_the_same_amount_within_two_minutes_of_a_success_breaks_a_rule(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", same_amount_seconds=120)
    remote.set_handset(next_answer="approve", sticky=True)
    assert ends_with(merchant, remote, service) == 0
    remote.post("/control/clock/advance", seconds=119)
    assert ends_with(merchant, remote, service) == 17
    assert ends_with(merchant, remote, service, Amount="1001") == 0
    remote.post("/control/clock/advance", seconds=1)
    assert ends_with(merchant, remote, service) == 0


def test_a_prompt_of_more_than_182_characters_is_not_sent(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", account_reference_limit=500)
    remote.set_handset(next_answer="approve", sticky=True)
    room = 182 - len("Do you want to pay Ksh1,000.00 to KIBEEZY Account no. ?")
    assert ends_with(merchant, remote, service, AccountReference="A" * room) == 0
    assert ends_with(merchant, remote, service, AccountReference="A" * (room + 1)) == 1025


def test_money_for_another_receiver_goes_nowhere(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    assert ends_with(merchant, remote, service, PartyB="600000") == "SFC_IC0003"
    assert remote.get("/control/journal") == []


@pytest.mark.parametrize("fault", FAULTS["prompt"])
def test_every_end_can_be_ordered_and_takes_nothing(
    merchant: Merchant, remote: Remote, service: FakeService, fault: str
) -> None:
    remote.put("/control/faults", prompt=fault, times=1)
    remote.set_handset(next_answer="approve")
    assert str(ends_with(merchant, remote, service)) == fault.removeprefix("code_")
    assert remote.get("/control/journal") == []
    assert remote.handset(PHONE)["next_answer"] == "approve"
