"""Reversals and balances, as a merchant sees them on the wire."""

import pytest
import requests

from simulator.known_faults import FAULTS
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import Treasurer, all_heard, one_result, parameters

CODES = [name.removeprefix("code_") for name in FAULTS["reversal"] if name.startswith("code_")]


@pytest.fixture
def receipt(remote: Remote, service: FakeService) -> str:
    """The receipt of 500 shillings that a person paid to the paybill."""
    paid = remote.post(f"/control/handsets/{PHONE}/pay", amount=500, account="0700000001")
    remote.settle()
    all_heard(service)
    return str(paid["receipt"])


def test_a_reversal_returns_the_money_to_the_phone(
    treasurer: Treasurer, remote: Remote, service: FakeService, receipt: str
) -> None:
    acknowledged = treasurer.give_back(receipt).json()
    result = one_result(service)
    assert result["ResultCode"] == 0
    assert result["ConversationID"] == acknowledged["ConversationID"]
    told = parameters(result)
    assert told["OriginalTransactionID"] == receipt
    assert (told["Amount"], told["Charge"]) == (500, 0)
    assert told["DebitAccountBalance"] == "Utility Account|KES|0.00|0.00|0.00|0.00"
    assert told["CreditPartyPublicName"] == "254700000001 - JOHN DOE"
    phone = remote.handset()
    assert phone["mpesa_balance"] == 50_000
    assert f"Reversal of transaction {receipt}" in phone["inbox"][-1]["text"]
    entry = remote.get("/control/journal")[-1]
    assert (entry["kind"], entry["linked_receipt"]) == ("reversal", receipt)


def test_a_payment_is_reversed_once(
    treasurer: Treasurer, remote: Remote, service: FakeService, receipt: str
) -> None:
    treasurer.give_back(receipt)
    one_result(service)
    treasurer.give_back(receipt)
    assert one_result(service)["ResultCode"] == "R000001"
    assert remote.handset()["mpesa_balance"] == 50_000


@pytest.mark.parametrize("amount", ["499", "501"])
def test_another_amount_reverses_nothing(
    treasurer: Treasurer, remote: Remote, service: FakeService, receipt: str, amount: str
) -> None:
    treasurer.give_back(receipt, Amount=amount)
    assert one_result(service)["ResultCode"] == "R000002"
    assert remote.handset()["mpesa_balance"] == 49_500


def test_what_was_paid_out_cannot_be_reversed(treasurer: Treasurer, service: FakeService) -> None:
    treasurer.pay()
    paid_out = one_result(service)["TransactionID"]
    treasurer.give_back(paid_out)
    assert one_result(service)["ResultCode"] == "R000002"


def test_a_wrong_credential_reverses_nothing(
    treasurer: Treasurer, service: FakeService, receipt: str
) -> None:
    treasurer.give_back(receipt, Initiator="stranger")
    assert one_result(service)["ResultCode"] == 2001


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (
            {"RecieverIdentifierType": None, "ReceiverIdentifierType": "11"},
            "RecieverIdentifierType",
        ),
        ({"ReceiverParty": "600992"}, "ReceiverParty"),
        ({"CommandID": "Reversal"}, "CommandID"),
        ({"TransactionID": None}, "TransactionID"),
        ({"Amount": "0"}, "Amount"),
        ({"ResultURL": None}, "ResultURL"),
        ({"Remarks": "R"}, "Remarks"),
    ],
)
def test_a_wrong_field_is_named(
    treasurer: Treasurer, change: dict[str, object], field: str
) -> None:
    answer = treasurer.give_back("OEI2AK4Q16", **change)
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"


@pytest.mark.parametrize("code", CODES)
def test_each_code_fails_the_reversal(
    treasurer: Treasurer, remote: Remote, service: FakeService, receipt: str, code: str
) -> None:
    remote.put("/control/faults", reversal=f"code_{code}", times=1)
    treasurer.give_back(receipt)
    result = one_result(service)
    assert str(result["ResultCode"]) == code
    assert "ResultParameters" not in result
    assert remote.handset()["mpesa_balance"] == 49_500


@pytest.mark.parametrize(("fault", "status"), [("refuse", 400), ("busy", 500), ("spike", 429)])
def test_faults_before_acceptance_reverse_nothing(
    treasurer: Treasurer, remote: Remote, receipt: str, fault: str, status: int
) -> None:
    remote.put("/control/faults", reversal=fault, times=1)
    assert treasurer.give_back(receipt).status_code == status
    assert remote.handset()["mpesa_balance"] == 49_500


def test_a_lost_acknowledgement_hides_a_reversal(
    treasurer: Treasurer, remote: Remote, service: FakeService, receipt: str
) -> None:
    remote.put("/control/faults", reversal="lose_ack", times=1)
    with pytest.raises(requests.ConnectionError):
        treasurer.give_back(receipt)
    assert one_result(service)["ResultCode"] == 0
    assert remote.handset()["mpesa_balance"] == 50_000


@pytest.mark.parametrize(
    ("order", "times"),
    [({"fault": "drop"}, 0), ({"fault": "duplicate"}, 3), ({"fault": "delay", "seconds": 0.1}, 1)],
)
def test_a_result_may_come_never_or_often(
    treasurer: Treasurer,
    remote: Remote,
    service: FakeService,
    receipt: str,
    order: dict[str, object],
    times: int,
) -> None:
    remote.put("/control/faults", reversal=order | {"times": 1})
    treasurer.give_back(receipt)
    remote.settle()
    assert len(all_heard(service)) == times
    assert remote.handset()["mpesa_balance"] == 50_000


def test_the_balance_is_one_text_and_its_codes_are_texts(
    treasurer: Treasurer, service: FakeService
) -> None:
    treasurer.pay()
    one_result(service)
    treasurer.ask_balance()
    result = one_result(service)
    assert (result["ResultType"], result["ResultCode"]) == ("0", "0")
    told = parameters(result)
    assert told["AccountBalance"] == (
        "Working Account|KES|0.00|0.00|0.00|0.00"
        "&Utility Account|KES|999500.00|999500.00|0.00|0.00"
        "&Charges Paid Account|KES|-5.00|-5.00|0.00|0.00"
    )
    assert len(str(told["BOCompletedTime"])) == 14


@pytest.mark.usefixtures("receipt")
def test_the_balance_of_the_paybill_is_what_was_paid_to_it(
    treasurer: Treasurer, service: FakeService
) -> None:
    treasurer.ask_balance(PartyA="174379")
    told = parameters(one_result(service))
    assert "Utility Account|KES|500.00|500.00" in told["AccountBalance"]


def test_a_wrong_credential_learns_no_balance(treasurer: Treasurer, service: FakeService) -> None:
    treasurer.ask_balance(SecurityCredential="wrong")
    result = one_result(service)
    assert result["ResultCode"] == "2001"
    assert "ResultParameters" not in result


@pytest.mark.parametrize(
    ("change", "field"),
    [({"IdentifierType": "2"}, "IdentifierType"), ({"CommandID": "Balance"}, "CommandID")],
)
def test_a_wrong_field_of_the_balance_is_named(
    treasurer: Treasurer, change: dict[str, object], field: str
) -> None:
    answer = treasurer.ask_balance(**change)
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {field}"


@pytest.mark.parametrize(("fault", "status"), [("busy", 500), ("spike", 429)])
def test_faults_of_the_balance(
    treasurer: Treasurer, remote: Remote, fault: str, status: int
) -> None:
    remote.put("/control/faults", balance=fault, times=1)
    assert treasurer.ask_balance().status_code == status


def test_a_lost_acknowledgement_of_the_balance(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/faults", balance="lose_ack", times=1)
    with pytest.raises(requests.ConnectionError):
        treasurer.ask_balance()
    assert one_result(service)["ResultCode"] == "0"
