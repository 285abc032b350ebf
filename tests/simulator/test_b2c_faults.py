"""Each way in which a payment to a customer goes wrong, seen on the wire."""

import json
from typing import Any

import pytest
import requests

from simulator.known_faults import FAULTS
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import Treasurer, all_heard, one_result, parameters

CODES = [name.removeprefix("code_") for name in FAULTS["b2c"] if name.startswith("code_")]


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("refuse", 400, "400.002.02"),
        ("busy", 500, "500.003.02"),
        ("not_enabled", 403, "403.002.1001"),
        ("crash_before", 500, "500.003.1001"),
    ],
)
def test_faults_before_acceptance_pay_nothing_and_leave_the_id_free(
    treasurer: Treasurer, remote: Remote, fault: str, status: int, code: str
) -> None:
    remote.put("/control/faults", b2c=fault, times=1)
    answer = treasurer.pay()
    assert (answer.status_code, answer.json()["errorCode"]) == (status, code)
    assert remote.handset()["mpesa_balance"] == 50_000
    assert treasurer.pay().status_code == 200


def test_the_throttle_answers_in_its_own_envelope(treasurer: Treasurer, remote: Remote) -> None:
    remote.put("/control/faults", b2c="spike", times=1)
    answer = treasurer.pay()
    assert answer.status_code == 429
    assert "SpikeArrestViolation" in answer.json()["fault"]["detail"]["errorcode"]
    assert remote.get("/control/payouts") == []


def test_a_lost_acknowledgement_hides_a_payment(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c="lose_ack", times=1)
    with pytest.raises(requests.ConnectionError):
        treasurer.pay()
    assert one_result(service)["ResultCode"] == 0
    assert treasurer.pay().json()["errorCode"] == "500.002.1001"
    assert remote.handset()["mpesa_balance"] == 50_500


def test_a_page_with_status_500_hides_a_payment(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c="ack_500", times=1)
    answer = treasurer.pay()
    assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html")
    assert one_result(service)["ResultCode"] == 0
    assert remote.handset()["mpesa_balance"] == 50_500


def test_a_slow_answer_does_not_hold_the_result_back(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c={"fault": "timeout", "times": 1, "seconds": 20})
    with pytest.raises(requests.ReadTimeout):
        treasurer.pay_within(seconds=0.3)
    assert one_result(service)["ResultCode"] == 0


@pytest.mark.parametrize("code", CODES)
def test_each_code_fails_the_payment(
    treasurer: Treasurer, remote: Remote, service: FakeService, code: str
) -> None:
    remote.put("/control/faults", b2c=f"code_{code}", times=1)
    assert treasurer.pay().status_code == 200
    result = one_result(service)
    assert result["ResultCode"] == (int(code) if code.isdecimal() else code)
    assert result["ResultDesc"]
    assert "ResultParameters" not in result
    assert remote.handset()["mpesa_balance"] == 50_000
    assert remote.get("/control/books")["paid_by_b2c"] == 0


def _result_with(fault: str, remote: Remote, treasurer: Treasurer, service: FakeService) -> Any:  # noqa: ANN401 - JSON
    remote.put("/control/faults", b2c_result=fault, times=1)
    treasurer.pay()
    remote.settle()
    assert remote.handset()["mpesa_balance"] == 50_500
    return one_result(service)


def test_a_result_may_be_lost_and_sent_by_a_script(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c_result="drop", times=1)
    treasurer.pay()
    remote.settle()
    assert all_heard(service) == []
    [lost] = remote.get("/control/callbacks")
    assert lost["dropped"]
    assert remote.post("/control/callbacks/1/repeat")["statuses"] == [200]
    assert one_result(service)["ResultCode"] == 0


def test_a_result_may_be_late(treasurer: Treasurer, remote: Remote, service: FakeService) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", b2c_result={"fault": "delay", "seconds": 7200, "times": 1})
    treasurer.sign_in()
    treasurer.pay()
    remote.post("/control/clock/advance", seconds=7199)
    assert all_heard(service) == []
    remote.post("/control/clock/advance", seconds=1)
    assert one_result(service)["ResultCode"] == 0


def test_a_result_may_come_several_times(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c_result={"fault": "duplicate", "copies": 4, "times": 1})
    treasurer.pay()
    remote.settle()
    came = all_heard(service)
    assert len(came) == 4
    assert all(each == came[0] for each in came)


def test_a_result_may_come_before_the_acknowledgement(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c_result="before_ack", times=1)
    service.answers_callbacks.clear()
    try:
        with pytest.raises(requests.ReadTimeout):
            treasurer.pay_within(seconds=0.3)
        assert one_result(service)["ResultCode"] == 0
    finally:
        service.answers_callbacks.set()


@pytest.mark.parametrize(
    ("fault", "hears"),
    [("queue_timeout_request", "request"), ("queue_timeout_result", "result")],
)
def test_a_time_out_in_either_shape_is_followed_by_the_truth(
    treasurer: Treasurer, remote: Remote, service: FakeService, fault: str, hears: str
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", b2c_result={"fault": fault, "seconds": 60, "times": 1})
    treasurer.sign_in()
    treasurer.pay()
    remote.post("/control/clock/advance", seconds=0)
    [(path, notice)] = all_heard(service)
    assert path == "timeout"
    if hears == "request":
        assert notice["OriginatorConversationID"] == "KB-0001"
        assert notice["SecurityCredential"] == "demo-credential"
    else:
        assert notice["Result"]["OriginatorConversationID"] == "KB-0001"
    remote.post("/control/clock/advance", seconds=60)
    assert one_result(service)["ResultCode"] == 0
    assert remote.handset()["mpesa_balance"] == 50_500


@pytest.mark.parametrize(
    ("fault", "balance", "status"),
    [
        ("queue_timeout_only_paid", 50_500, "Completed"),
        ("queue_timeout_only_failed", 50_000, "Expired"),
    ],
)
def test_a_time_out_may_be_the_last_word_on_either_outcome(
    treasurer: Treasurer,
    remote: Remote,
    service: FakeService,
    fault: str,
    balance: int,
    status: str,
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", b2c_result={"fault": fault, "times": 1})
    treasurer.sign_in()
    treasurer.pay()
    remote.post("/control/clock/advance", seconds=86_400)
    assert [path for path, _ in all_heard(service)] == ["timeout"]
    assert remote.handset()["mpesa_balance"] == balance
    treasurer.sign_in()
    treasurer.ask_status(OriginalConversationID="KB-0001")
    remote.post("/control/clock/advance", seconds=0)
    assert parameters(one_result(service))["TransactionStatus"] == status


def test_a_result_may_tell_another_amount(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    result = _result_with("wrong_amount", remote, treasurer, service)
    assert parameters(result)["TransactionAmount"] == 501


def test_a_result_may_have_a_code_that_nobody_lists(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    result = _result_with("unknown_code", remote, treasurer, service)
    assert result["ResultCode"] == 9998
    assert "ResultParameters" not in result


def test_a_result_may_be_of_another_type(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    assert _result_with("result_type_nonzero", remote, treasurer, service)["ResultType"] == 1


def test_a_result_may_tell_its_codes_as_texts(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    result = _result_with("string_codes", remote, treasurer, service)
    assert (result["ResultType"], result["ResultCode"]) == ("0", "0")


def test_a_failure_may_follow_a_success(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    remote.put("/control/faults", b2c_result={"fault": "failure_after_success", "times": 1})
    treasurer.sign_in()
    treasurer.pay()
    remote.post("/control/clock/advance", seconds=60)
    codes = [body["Result"]["ResultCode"] for _, body in all_heard(service)]
    assert codes == [0, 2001]
    assert remote.handset()["mpesa_balance"] == 50_500


@pytest.mark.parametrize("fault", ["truncated", "invalid_json"])
def test_a_result_may_be_no_json(
    treasurer: Treasurer, remote: Remote, service: FakeService, fault: str
) -> None:
    remote.put("/control/faults", b2c_result=fault, times=1)
    treasurer.pay()
    heard = service.callbacks.get(timeout=20)
    with pytest.raises(json.JSONDecodeError):
        json.loads(heard.body)
    [told] = remote.get("/control/callbacks")
    assert told["body"] == heard.body


@pytest.mark.parametrize(
    "fault", ["wrong_amount", "failure_after_success", "queue_timeout_only_paid"]
)
def test_what_cannot_happen_to_a_failure_waits_for_a_payment(
    treasurer: Treasurer, remote: Remote, service: FakeService, fault: str
) -> None:
    remote.put("/control/faults", b2c_result={"fault": fault, "times": 1, "seconds": 0})
    remote.set_handset(mpesa_registered=False)
    treasurer.pay()
    assert one_result(service)["ResultCode"] == 2040
    assert remote.get("/control/counts") == {}
    remote.set_handset(mpesa_registered=True)
    treasurer.pay(OriginatorConversationID="KB-0002")
    assert remote.get("/control/counts") == {f"b2c_result.{fault}": 1}


def test_a_request_that_is_refused_uses_up_no_fault(treasurer: Treasurer, remote: Remote) -> None:
    treasurer.pay()
    remote.put("/control/faults", b2c="busy", times=1)
    assert treasurer.pay().json()["errorCode"] == "500.002.1001"
    assert treasurer.pay(Amount="1").json()["errorCode"] == "400.002.02"
    assert treasurer.pay(OriginatorConversationID="KB-0002").json()["errorCode"] == "500.003.02"
