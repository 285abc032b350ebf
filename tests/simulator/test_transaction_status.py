"""Transaction Status, as a merchant sees it on the wire."""

from typing import Any

import pytest
import requests

from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import Treasurer, all_heard, one_result, parameters


@pytest.fixture
def paid(treasurer: Treasurer, service: FakeService) -> Any:  # noqa: ANN401 - JSON
    """A payment of 500 shillings whose result has come."""
    treasurer.pay()
    return one_result(service)


def test_a_payment_is_told_by_the_callers_own_id(
    treasurer: Treasurer,
    service: FakeService,
    paid: Any,  # noqa: ANN401 - JSON
) -> None:
    acknowledged = treasurer.ask_status(OriginalConversationID="KB-0001").json()
    assert acknowledged["ResponseCode"] == "0"
    assert acknowledged["ConversationID"] != paid["ConversationID"]
    result = one_result(service)
    assert (result["ResultType"], result["ResultCode"]) == (0, 0)
    # The question has a conversation of its own; what it tells is of the payment's.
    assert result["ConversationID"] == acknowledged["ConversationID"]
    assert result["OriginatorConversationID"] == acknowledged["OriginatorConversationID"]
    told = parameters(result)
    assert told["OriginatorConversationID"] == "KB-0001"
    assert told["ConversationID"] == paid["ConversationID"]
    assert told["ReceiptNo"] == paid["TransactionID"]
    assert told["TransactionStatus"] == "Completed"
    assert told["Amount"] == 500
    assert told["DebitPartyCharges"] == "Fee For B2C Payment|KES|5.00"
    assert told["CreditPartyName"] == "254700000001 - JOHN DOE"
    pairs = result["ResultParameters"]["ResultParameter"]
    assert [pair["Key"] for pair in pairs].count("DebitPartyName") == 2
    assert {"Key": "TransactionReason"} in pairs


@pytest.mark.parametrize("field", ["OriginalConversationID", "OriginatorConversationID"])
def test_both_spellings_of_the_id_are_taken(
    treasurer: Treasurer,
    service: FakeService,
    paid: Any,  # noqa: ANN401 - JSON
    field: str,
) -> None:
    treasurer.ask_status(**{field: "KB-0001"})
    assert parameters(one_result(service))["ReceiptNo"] == paid["TransactionID"]


def test_a_payment_is_told_by_its_receipt(
    treasurer: Treasurer,
    service: FakeService,
    paid: Any,  # noqa: ANN401 - JSON
) -> None:
    treasurer.ask_status(TransactionID=paid["TransactionID"])
    assert parameters(one_result(service))["OriginatorConversationID"] == "KB-0001"


def test_a_failed_payment_is_declined(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", b2c="code_2040", times=1)
    treasurer.pay()
    one_result(service)
    treasurer.ask_status(OriginalConversationID="KB-0001")
    told = parameters(one_result(service))
    assert (told["TransactionStatus"], told["DebitPartyCharges"]) == ("Declined", None)


@pytest.mark.parametrize(
    ("answer", "status"), [("approve", "Completed"), ("cancel", "Cancelled"), ("ask", "Initiated")]
)
def test_a_push_is_told_by_its_merchant_request_id(
    treasurer: Treasurer, remote: Remote, service: FakeService, answer: str, status: str
) -> None:
    remote.set_handset(next_answer=answer)
    pushed = treasurer.push().json()
    remote.settle()
    all_heard(service)
    treasurer.ask_status(OriginalConversationID=pushed["MerchantRequestID"])
    told = parameters(one_result(service))
    assert (told["TransactionStatus"], told["Amount"]) == (status, 1000)


@pytest.mark.parametrize("kind", ["stk", "c2b", "reversal"])
def test_every_kind_of_payment_is_told_by_its_receipt(
    treasurer: Treasurer, remote: Remote, service: FakeService, kind: str
) -> None:
    remote.set_handset(next_answer="approve")
    treasurer.push()
    remote.post(f"/control/handsets/{PHONE}/pay", amount=500, account="0700000001")
    remote.settle()
    [paid] = [each for each in remote.get("/control/journal") if each["kind"] == "c2b"]
    treasurer.give_back(paid["receipt"])
    remote.settle()
    all_heard(service)
    [entry] = [each for each in remote.get("/control/journal") if each["kind"] == kind]
    treasurer.ask_status(TransactionID=entry["receipt"])
    told = parameters(one_result(service))
    assert told["ReceiptNo"] == entry["receipt"]
    assert (told["TransactionStatus"], told["Amount"]) == ("Completed", entry["amount"])


@pytest.mark.parametrize(("setting", "code"), [("2032", 2032), ("1", 1)])
def test_what_does_not_exist_has_a_code_and_no_parameters(
    treasurer: Treasurer, remote: Remote, service: FakeService, setting: str, code: int
) -> None:
    remote.put("/control/settings", unknown_transaction_code=setting)
    assert treasurer.ask_status(TransactionID="OEI2AK4Q16").status_code == 200
    result = one_result(service)
    assert result["ResultCode"] == code
    assert "does not exist" in result["ResultDesc"]
    assert "ResultParameters" not in result


def test_a_wrong_credential_is_answered_later(treasurer: Treasurer, service: FakeService) -> None:
    assert treasurer.ask_status(TransactionID="X", SecurityCredential="no").status_code == 200
    assert one_result(service)["ResultCode"] == 2001


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({}, "TransactionID"),
        ({"TransactionID": "X", "Initiator": None}, "Initiator"),
        ({"TransactionID": "X", "CommandID": "Status"}, "CommandID"),
        ({"TransactionID": "X", "PartyA": "1"}, "PartyA"),
        ({"TransactionID": "X", "IdentifierType": "3"}, "IdentifierType"),
        ({"TransactionID": "X", "ResultURL": ""}, "ResultURL"),
        ({"TransactionID": "X", "QueueTimeOutURL": "http://h/query"}, "QueueTimeOutURL"),
        ({"TransactionID": "X", "Remarks": None}, "Remarks"),
    ],
)
def test_a_wrong_field_is_named(
    treasurer: Treasurer, change: dict[str, object], field: str
) -> None:
    answer = treasurer.ask_status(**change)
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.002.02")
    assert answer.json()["errorMessage"].endswith(f"Invalid {field}")


def test_a_dead_token_is_answered_in_the_words_of_this_product(treasurer: Treasurer) -> None:
    treasurer.token = "dead"
    answer = treasurer.ask_status(TransactionID="X")
    assert (answer.status_code, answer.json()["errorCode"]) == (400, "400.003.01")


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("refuse_token", 400, "400.003.01"),
        ("busy", 500, "500.003.02"),
        ("spike", 429, "SpikeArrestViolation"),
    ],
)
def test_faults_of_the_question(
    treasurer: Treasurer,
    remote: Remote,
    service: FakeService,
    fault: str,
    status: int,
    words: str,
) -> None:
    remote.put("/control/faults", status=fault, times=1)
    answer = treasurer.ask_status(TransactionID="X")
    assert answer.status_code == status
    assert words in answer.text
    remote.settle()
    assert all_heard(service) == []


def test_a_lost_acknowledgement_is_followed_by_an_answer(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", status="lose_ack", times=1)
    with pytest.raises(requests.ConnectionError):
        treasurer.ask_status(TransactionID="X")
    assert one_result(service)["ResultCode"] == 2032


def _asked(fault: object, treasurer: Treasurer, remote: Remote, service: FakeService) -> Any:  # noqa: ANN401 - JSON
    remote.put("/control/faults", status_result=fault, times=1)
    treasurer.ask_status(OriginalConversationID="KB-0001")
    remote.settle()
    return [body["Result"] for _, body in all_heard(service)]


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize(
    ("fault", "status"), [("live", "Initiated"), ("pending", "Pending Authorized")]
)
def test_a_final_payment_may_be_told_as_live(
    treasurer: Treasurer, remote: Remote, service: FakeService, fault: str, status: str
) -> None:
    [result] = _asked(fault, treasurer, remote, service)
    told = parameters(result)
    assert (told["TransactionStatus"], told["FinalisedTime"]) == (status, None)


@pytest.mark.usefixtures("paid")
def test_an_answer_may_tell_another_amount(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    [result] = _asked("wrong_amount", treasurer, remote, service)
    assert parameters(result)["Amount"] == 501


@pytest.mark.usefixtures("paid")
def test_an_answer_may_have_a_code_that_nobody_lists(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    [result] = _asked("unknown_code", treasurer, remote, service)
    assert result["ResultCode"] == 9998


@pytest.mark.usefixtures("paid")
def test_an_answer_may_have_one_parameter_as_an_object(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    [result] = _asked("single_object", treasurer, remote, service)
    assert result["ResultParameters"] == {
        "ResultParameter": {"Key": "TransactionStatus", "Value": "Completed"}
    }


@pytest.mark.usefixtures("paid")
@pytest.mark.parametrize(("fault", "times"), [("drop", 0), ("duplicate", 3)])
def test_an_answer_may_come_never_or_often(
    treasurer: Treasurer, remote: Remote, service: FakeService, fault: str, times: int
) -> None:
    assert len(_asked(fault, treasurer, remote, service)) == times


def test_an_answer_may_be_late_or_time_out_first(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    treasurer.sign_in()
    for fault in ("delay", "queue_timeout"):
        remote.put("/control/faults", status_result={"fault": fault, "seconds": 60, "times": 1})
        treasurer.ask_status(TransactionID="X")
        remote.post("/control/clock/advance", seconds=59)
        first = [path for path, _ in all_heard(service)]
        assert first == (["timeout"] if fault == "queue_timeout" else [])
        remote.post("/control/clock/advance", seconds=1)
        assert one_result(service)["ResultCode"] == 2032


def test_what_cannot_happen_to_an_unknown_payment_stays_in_force(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", status_result="live", times=1)
    treasurer.ask_status(TransactionID="X")
    assert one_result(service)["ResultCode"] == 2032
    assert remote.get("/control/faults")["status_result"]["fault"] == "live"
