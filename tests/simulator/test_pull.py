"""Pull Transactions and Daraja's own SIM-swap question, as a merchant sees them."""

import pytest

from tests.simulator.remote import PHONE, Remote
from tests.simulator.treasurer import Treasurer

PAY = f"/control/handsets/{PHONE}/pay"
REGISTRATION = {
    "ShortCode": "174379",
    "RequestType": "Pull",
    "NominatedNumber": "0722000000",
    "CallBackURL": "https://kibeezy.example/pull",
}


def _stand(remote: Remote, treasurer: Treasurer, moment: str) -> None:
    remote.put("/control/clock", stands_at=f"{moment}+03:00")
    treasurer.sign_in()


def _receipts(answer: object) -> list[str]:
    assert isinstance(answer, dict)
    [rows] = answer["Response"]
    return [row["transactionId"] for row in rows]


def test_what_was_paid_is_listed_with_its_account_number(
    treasurer: Treasurer, remote: Remote
) -> None:
    _stand(remote, treasurer, "2026-11-25T06:00:00")
    remote.set_handset(next_answer="approve")
    treasurer.push()
    remote.post("/control/clock/advance", seconds=1)
    remote.post(PAY, amount=500, account="0700000001")
    pushed, paid = remote.get("/control/journal")
    answer = treasurer.pull("2026-11-25 05:59:00", "2026-11-25 06:01").json()
    assert (answer["ResponseCode"], answer["ResponseMessage"]) == ("1000", "Success")
    [[first, second]] = answer["Response"]
    assert first["billreference"] == "KB7F2M"
    assert first["transactionId"] == pushed["receipt"]
    assert second == {
        "transactionId": paid["receipt"],
        "trxDate": "2026-11-25T03:00:01Z",
        "msisdn": 700000001,
        "sender": "JOHN DOE",
        "transactiontype": "c2b-pay-bill-debit",
        "billreference": "0700000001",
        "amount": "500.00",
        "organizationname": "KIBEEZY",
    }


def test_only_the_last_48_hours_can_be_pulled(treasurer: Treasurer, remote: Remote) -> None:
    _stand(remote, treasurer, "2026-11-25T06:00:00")
    remote.post(PAY, amount=500, account="A")
    whole = ("2026-11-01 00:00:00", "2026-12-01 00:00:00")
    _stand(remote, treasurer, "2026-11-27T06:00:00")
    assert treasurer.pull(*whole).json()["ResponseCode"] == "1000"
    _stand(remote, treasurer, "2026-11-27T06:00:01")
    answer = treasurer.pull(*whole).json()
    assert (answer["ResponseCode"], answer["Response"]) == ("1001", [[]])


def test_the_list_comes_in_pages_of_a_hundred_rows(treasurer: Treasurer, remote: Remote) -> None:
    _stand(remote, treasurer, "2026-11-25T06:00:00")
    receipts = [remote.post(PAY, amount=1, account="A")["receipt"] for _ in range(103)]
    span = ("2026-11-25 06:00:00", "2026-11-25 06:00:00")
    assert _receipts(treasurer.pull(*span).json()) == receipts[:100]
    assert _receipts(treasurer.pull(*span, offset=100).json()) == receipts[100:]
    assert treasurer.pull(*span, offset=103).json()["ResponseCode"] == "1001"


def test_a_short_code_is_registered_once(treasurer: Treasurer, remote: Remote) -> None:
    path = "/pulltransactions/v1/register"
    answers = [treasurer.call(path, **REGISTRATION).json() for _ in range(2)]
    assert [answer["ResponseStatus"] for answer in answers] == ["1000", "1001"]
    assert answers[0]["ShortCode"] == "174379"
    remote.post("/control/reset")
    assert treasurer.call(path, **REGISTRATION).json()["ResponseStatus"] == "1000"


@pytest.mark.parametrize(
    "change", [{"ShortCode": "1"}, {"RequestType": "Push"}, {"CallBackURL": "http://h/safaricom"}]
)
def test_a_wrong_field_is_named(treasurer: Treasurer, change: dict[str, str]) -> None:
    answer = treasurer.call("/pulltransactions/v1/register", **(REGISTRATION | change))
    assert answer.json()["errorMessage"] == f"Bad Request - Invalid {next(iter(change))}"


def test_a_moment_that_is_none_is_refused(treasurer: Treasurer) -> None:
    answer = treasurer.pull("yesterday", "2026-11-25 06:00:00")
    assert answer.json()["errorMessage"] == "Bad Request - Invalid StartDate"


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("refuse_token", 400, "400.003.01"),
        ("busy", 500, "500.003.02"),
        ("spike", 429, "SpikeArrestViolation"),
        ("empty", 200, "1001"),
    ],
)
def test_faults(treasurer: Treasurer, remote: Remote, fault: str, status: int, words: str) -> None:
    _stand(remote, treasurer, "2026-11-25T06:00:00")
    remote.post(PAY, amount=1, account="A")
    remote.put("/control/faults", pull=fault, times=1)
    answer = treasurer.pull("2026-11-25 06:00:00", "2026-11-25 06:00:00")
    assert answer.status_code == status
    assert words in answer.text


def test_an_empty_list_uses_up_no_fault(treasurer: Treasurer, remote: Remote) -> None:
    remote.put("/control/faults", pull="empty", times=1)
    treasurer.pull("2026-11-25 06:00:00", "2026-11-25 06:00:00")
    assert remote.get("/control/counts") == {}


@pytest.mark.parametrize(
    ("swapped_on", "told"),
    [("2026-11-20", "20-11-2026 00:00"), (None, "01-01-1900 00:00")],
)
def test_daraja_tells_the_last_swap_at_once(
    treasurer: Treasurer, remote: Remote, swapped_on: str | None, told: str
) -> None:
    remote.set_handset(sim_swapped_on=swapped_on)
    answer = treasurer.call("/imsi/v2/checkATI", customerNumber="254700000001")
    assert answer.status_code == 200
    assert answer.json()["responseCode"] == "200"
    assert answer.json()["lastSwapDate"] == told
    wrong = treasurer.call("/imsi/v2/checkATI", customerNumber="0700000001")
    assert wrong.json()["errorMessage"] == "Bad Request - Invalid customerNumber"
