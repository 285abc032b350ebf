"""The query: shapes that say nothing, its window and its rate."""

from datetime import timedelta

import pytest

from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote

MORNING = "2026-11-25T06:00:00+03:00"


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("no_answer", 500, "The transaction does not Exist"),
        ("processing", 500, "The transaction is being processed"),
        ("in_flight", 200, '"ResultCode": "4999"'),
        ("empty_error", 200, '"errorCode": "500.001.1001", "errorMessage": ""'),
        ("too_early", 400, "Bad Request - Invalid CheckoutRequestID"),
        ("throttle", 429, "policies.ratelimit.SpikeArrestViolation"),
        ("html", 200, "<html>"),
    ],
)
def test_the_shapes_that_say_nothing(
    merchant: Merchant, remote: Remote, fault: str, status: int, words: str
) -> None:
    checkout_id = merchant.pushed()
    remote.put("/control/faults", query=fault, times=1)
    answer = merchant.query(checkout_id)
    assert answer.status_code == status
    assert words in answer.text
    assert remote.get("/control/counts") == {f"query.{fault}": 1}


def test_the_truth_is_told_only_after_the_window(merchant: Merchant, remote: Remote) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/settings", query_window_seconds=17)
    remote.set_handset(next_answer="approve")
    checkout_id = merchant.pushed()
    remote.post("/control/clock/advance", seconds=16)
    assert merchant.query(checkout_id).json()["ResultCode"] == "4999"
    remote.post("/control/clock/advance", seconds=1)
    assert merchant.query(checkout_id).json()["ResultCode"] == "0"


def test_the_sixth_query_of_a_minute_is_throttled(merchant: Merchant, remote: Remote) -> None:
    remote.put("/control/clock", stands_at=MORNING)
    remote.put("/control/settings", enforce_query_rate=True)
    checkout_id = merchant.pushed()
    statuses = [merchant.query(checkout_id).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    remote.post("/control/clock/advance", seconds=59)
    assert merchant.query(checkout_id).status_code == 429
    remote.post("/control/clock/advance", seconds=1)
    assert merchant.query(checkout_id).status_code == 200


def test_an_unknown_id_uses_up_no_fault(merchant: Merchant, remote: Remote) -> None:
    merchant.sign_in()
    remote.put("/control/faults", query="in_flight", times=1)
    assert merchant.query("ws_CO_nothing").status_code == 500
    assert remote.get("/control/counts") == {}


@pytest.mark.parametrize("ahead", [timedelta(hours=-3), timedelta(minutes=6)])
def test_an_old_timestamp_is_refused_where_that_is_wanted(
    merchant: Merchant, remote: Remote, ahead: timedelta
) -> None:
    merchant.ahead = ahead
    merchant.sign_in()
    assert merchant.push().status_code == 200
    remote.put("/control/settings", enforce_timestamp=True)
    answer = merchant.push(PhoneNumber="254711000002")
    assert answer.json()["errorMessage"] == "Bad Request - Invalid Timestamp"
    merchant.ahead = timedelta(minutes=-4)
    assert merchant.push(PhoneNumber="254711000002").status_code == 200
