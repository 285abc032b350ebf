"""A push that goes wrong after it was accepted, or is refused in a way that proves nothing."""

import pytest
import requests

from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService

ACKNOWLEDGEMENT = {
    "MerchantRequestID",
    "CheckoutRequestID",
    "ResponseCode",
    "ResponseDescription",
    "CustomerMessage",
}


@pytest.fixture(autouse=True)
def approves(remote: Remote, merchant: Merchant) -> None:
    remote.set_handset(next_answer="approve", sticky=True)
    merchant.sign_in()


def order(remote: Remote, fault: str, **more: object) -> None:
    remote.put("/control/faults", push={"fault": fault, "times": 1, **more})


def paid(remote: Remote, service: FakeService) -> int:
    """Return how many pushes took money and called back, which all that were accepted did."""
    remote.settle()
    taken = len(remote.get("/control/journal"))
    assert taken == len(remote.get("/control/pushes")) == service.callbacks.qsize()
    return taken


def test_accepted_and_then_answered_with_an_error(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "accepted_500")
    answer = merchant.push()
    assert (answer.status_code, answer.json()["errorCode"]) == (500, "500.003.1001")
    assert paid(remote, service) == 1


def test_accepted_and_answered_too_late(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "accepted_timeout", seconds=3)
    merchant.patience_seconds = 1.0
    with pytest.raises(requests.ReadTimeout):
        merchant.push()
    assert paid(remote, service) == 1


def test_the_callback_of_a_late_answer_does_not_wait_for_it(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "accepted_timeout", seconds=20)
    merchant.patience_seconds = 1.0
    with pytest.raises(requests.ReadTimeout):
        merchant.push()
    assert '"ResultCode": 0' in service.callbacks.get(timeout=15).body


def test_accepted_with_an_answer_that_breaks_off(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    order(remote, "truncated")
    answer = merchant.push()
    assert answer.status_code == 200
    assert answer.text.startswith('{"MerchantRequestID"')
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert paid(remote, service) == 1


@pytest.mark.parametrize(
    ("fault", "missing"),
    [("no_checkout_id", "CheckoutRequestID"), ("no_customer_message", "CustomerMessage")],
)
def test_accepted_with_an_answer_that_lacks_a_field(
    merchant: Merchant, remote: Remote, service: FakeService, fault: str, missing: str
) -> None:
    order(remote, fault)
    answer = merchant.push()
    assert answer.status_code == 200
    assert ACKNOWLEDGEMENT - set(answer.json()) == {missing}
    assert paid(remote, service) == 1


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("error_200", 200, '"errorCode": "500.003.1001"'),
        ("quota", 500, '"errorCode": "500.003.03"'),
        ("throttle", 429, "policies.ratelimit.SpikeArrestViolation"),
    ],
)
def test_refusals_that_leave_nothing_behind(
    merchant: Merchant, remote: Remote, fault: str, status: int, words: str
) -> None:
    order(remote, fault)
    answer = merchant.push()
    assert answer.status_code == status
    assert words in answer.text
    assert remote.get("/control/pushes") == []
    assert merchant.push().status_code == 200


def test_a_push_that_is_refused_anyway_uses_up_no_fault(merchant: Merchant, remote: Remote) -> None:
    order(remote, "accepted_500")
    assert merchant.push(Amount="0").status_code == 400
    assert remote.get("/control/counts") == {}
    assert merchant.push().status_code == 500
    assert remote.get("/control/counts") == {"push.accepted_500": 1}


def test_the_callback_can_come_before_the_push_is_answered(
    merchant: Merchant, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", callback="before_ack", times=1)
    remote.set_handset(next_answer="ask", answer_after_seconds=60)
    checkout_id = merchant.push().json()["CheckoutRequestID"]
    assert checkout_id in service.callbacks.get_nowait().body
    assert merchant.query(checkout_id).json()["ResultCode"] == "0"
    remote.settle()
    assert service.callbacks.empty()
    assert len(remote.get("/control/journal")) == 1
