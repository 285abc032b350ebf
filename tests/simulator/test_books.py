"""The journal, the books and the statement: what really moved, told to scripts."""

import csv

import pytest
import requests

from simulator.daraja.tariff import b2c_charge
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.treasurer import Treasurer, one_result

# The published tariff of August 2023 (daraja.md §7): both ends of each of its bands.
TARIFF = {
    1: 0,
    100: 0,
    101: 5,
    1_500: 5,
    1_501: 9,
    5_000: 9,
    5_001: 11,
    20_000: 11,
    20_001: 13,
    250_000: 13,
}


@pytest.mark.parametrize(("amount", "charge"), TARIFF.items())
def test_a_payment_is_charged_by_the_published_tariff(amount: int, charge: int) -> None:
    assert b2c_charge(amount) == charge


@pytest.fixture
def day(treasurer: Treasurer, remote: Remote) -> dict[str, str]:
    """A push, a payment, its reversal, and a payout, a minute apart; the receipts by kind."""
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    treasurer.sign_in()
    remote.set_handset(next_answer="approve")
    treasurer.push()
    remote.post("/control/clock/advance", seconds=60)
    paid = remote.post(f"/control/handsets/{PHONE}/pay", amount=500, account="0700000001")
    remote.post("/control/clock/advance", seconds=60)
    treasurer.give_back(paid["receipt"])
    remote.post("/control/clock/advance", seconds=60)
    treasurer.pay(Amount="1501")
    remote.post("/control/clock/advance", seconds=60)
    return {entry["kind"]: entry["receipt"] for entry in remote.get("/control/journal")}


def test_the_journal_has_every_kind_of_movement_in_order(
    remote: Remote, day: dict[str, str]
) -> None:
    journal = remote.get("/control/journal")
    told = [(entry["kind"], entry["amount"]) for entry in journal]
    assert told == [
        ("stk", 1000),
        ("c2b", 500),
        ("reversal", 500),
        ("b2c", 1501),
        ("charge", 9),
    ]
    pushed, _, reversed_, paid_out, charge = journal
    assert pushed["account_reference"] == "KB7F2M"
    assert pushed["checkout_request_id"].startswith("ws_CO_25112026060000")
    assert reversed_["linked_receipt"] == day["c2b"]
    assert paid_out["originator_conversation_id"] == "KB-0001"
    assert charge["linked_receipt"] == day["b2c"]
    assert {entry["phone"] for entry in journal} == {PHONE}


@pytest.mark.usefixtures("day")
def test_the_books_agree_with_the_journal_and_the_wallets(remote: Remote) -> None:
    books = remote.get("/control/books")
    assert books == {
        "taken_by_stk": 1000,
        "taken_by_c2b": 500,
        "reversed": 500,
        "paid_by_b2c": 1501,
        "charges": 9,
        "paybill_balance": 1000,
        "utility_float": 998_499,
        "charges_account": -9,
        "each_receipt_once": True,
        "each_conversation_paid_once": True,
    }
    assert remote.handset()["mpesa_balance"] == 50_000 - 1000 - 500 + 500 + 1501


def test_a_small_payment_is_free(treasurer: Treasurer, remote: Remote) -> None:
    treasurer.pay(Amount="100")
    assert [entry["kind"] for entry in remote.get("/control/journal")] == ["b2c"]


def test_a_reset_forgets_reversals(
    treasurer: Treasurer, remote: Remote, service: FakeService, day: dict[str, str]
) -> None:
    remote.post("/control/reset")
    service.clear()
    treasurer.sign_in()
    treasurer.ask_status(TransactionID=day["reversal"])
    assert one_result(service)["ResultCode"] == 2032


def test_the_float_can_be_filled_and_a_reset_restores_it(
    treasurer: Treasurer, remote: Remote
) -> None:
    treasurer.pay()
    assert remote.put("/control/books", utility_float=70)["utility_float"] == 70
    remote.post("/control/reset")
    assert remote.get("/control/books")["utility_float"] == 1_000_000
    assert remote.get("/control/payouts") == []


def _statement(remote: Remote, **between: str) -> tuple[list[list[str]], list[dict[str, str]]]:
    answer = requests.get(f"{remote.url}/control/statement.csv", params=between, timeout=5)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = answer.text.splitlines()
    return list(csv.reader(lines[:6])), list(csv.DictReader(lines[6:]))


def test_the_statement_is_as_the_portal_exports_it(remote: Remote, day: dict[str, str]) -> None:
    preamble, rows = _statement(remote)
    assert preamble[1] == ["Short Code:", "174379"]
    assert preamble[3][0::2] == ["Time Period:", "01-01-2000 00:00:00", "25-11-2026 06:04:00"]
    assert preamble[5] == ["Opening Balance:", "1000000.00", "Closing Balance:", "999490.00"]
    by_receipt = {row["Receipt No."]: row for row in rows}
    assert by_receipt[day["stk"]] == {
        "Receipt No.": day["stk"],
        "Completion Time": "25-11-2026 06:00:00",
        "Initiation Time": "25-11-2026 06:00:00",
        "Details": "Pay Bill from 2547******001 - JOHN DOE Acc. KB7F2M",
        "Transaction Status": "Completed",
        "Paid In": "1,000.00",
        "Withdrawn": "",
        "Balance": "1,001,000.00",
        "Balance Confirmed": "true",
        "Reason Type": "Pay Bill Online",
        "Other Party Info": "2547******001 - JOHN DOE",
        "Linked Transaction ID": "",
        "A/C No.": "KB7F2M",
    }
    paid_out = by_receipt[day["b2c"]]
    assert (paid_out["Paid In"], paid_out["Withdrawn"]) == ("", "-1,501.00")
    charge = by_receipt[day["charge"]]
    assert (charge["Withdrawn"], charge["Linked Transaction ID"]) == ("-9.00", day["b2c"])
    assert charge["Other Party Info"] == ""
    assert by_receipt[day["reversal"]]["Linked Transaction ID"] == day["c2b"]


@pytest.mark.usefixtures("day")
def test_each_balance_of_the_statement_follows_from_the_line_below(remote: Remote) -> None:
    preamble, rows = _statement(remote)
    balance = float(preamble[5][1])
    for row in reversed(rows):
        balance += _number(row["Paid In"]) + _number(row["Withdrawn"])
        assert _number(row["Balance"]) == balance
    assert balance == float(preamble[5][3])


def test_the_statement_of_a_part_opens_and_closes_with_its_own_balances(
    remote: Remote, day: dict[str, str]
) -> None:
    preamble, rows = _statement(remote, **{"from": "2026-11-25T06:01", "to": "2026-11-25T06:02"})
    assert [row["Receipt No."] for row in rows] == [day["reversal"], day["c2b"]]
    assert preamble[5] == ["Opening Balance:", "1001000.00", "Closing Balance:", "1001000.00"]


def test_a_statement_between_no_moments_is_refused(remote: Remote) -> None:
    answer = requests.get(f"{remote.url}/control/statement.csv?from=today", timeout=5)
    assert answer.status_code == 400


def test_every_kind_of_callback_is_listed_and_can_be_repeated(
    treasurer: Treasurer, remote: Remote, service: FakeService
) -> None:
    remote.set_handset(next_answer="approve")
    treasurer.push(CallBackURL=f"{service.url}/payments/stk/abc123")
    treasurer.pay()
    treasurer.ask_status(OriginalConversationID="KB-0001")
    treasurer.ask_balance()
    remote.post(f"/control/handsets/{PHONE}/pay", amount=500, account="A")
    remote.settle()
    callbacks = remote.get("/control/callbacks")
    assert [each["status"] for each in callbacks] == [200] * 5
    for each in callbacks:
        assert remote.post(f"/control/callbacks/{each['n']}/repeat")["statuses"] == [200]
    assert service.callbacks.qsize() == 10


def _number(written: str) -> float:
    return float(written.replace(",", "") or 0)
