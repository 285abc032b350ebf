"""Money that is paid to the paybill without a prompt, from the payment to the wallet."""

import pytest

from core.money import Money, kes
from core.paybill.settle_payment import Settled
from tests.payments.paybill import RECEIPT, Paybill, confirmation
from tests.payments.till import PHONE


def test_a_proven_payment_is_in_the_wallet_and_told(paybill: Paybill) -> None:
    answer = paybill.is_told()
    assert answer.status_code == 200
    assert answer.json == {"ResultCode": 0, "ResultDesc": "Accepted"}
    assert paybill.wallet == kes(0), "a confirmation alone moves nothing"
    question = paybill.asks()
    assert question["TransactionID"] == RECEIPT
    assert question["PartyA"] == "174379"
    paybill.is_answered(amount="500.00")
    assert paybill.wallet == kes(500)
    assert paybill.stands() == ("credited", None)
    [sms] = paybill.messages()
    assert f"Deposit of KES 500 received, M-Pesa {RECEIPT}. Balance KES 500." in sms
    assert paybill.acts() == ["paybill.heard", "paybill.credited"]


@pytest.mark.parametrize(
    "account", ["0708374149", "254708374149", "+254 708 374 149", "708374149", 254708374149]
)
def test_the_account_is_a_phone_in_any_spelling(paybill: Paybill, account: object) -> None:
    paybill.is_told(confirmation(account=account))
    paybill.asks()
    paybill.is_answered()
    assert paybill.wallet == kes(500)


def test_what_never_moved_is_never_credited(paybill: Paybill) -> None:
    """Somebody knows the secret and invents a payment."""
    paybill.is_told(confirmation(receipt="FORGED0001", amount="150000.00"))
    paybill.asks()
    paybill.is_answered(status="", amount=None, code=1)
    for hours in (1, 6, 25, 2):
        paybill.world.moves(hours=hours)
        paybill.till.works()
    assert paybill.wallet == kes(0)
    assert paybill.stands() == ("unproven", "never proven by M-Pesa")
    assert paybill.alarms() == ["paybill_unproven"]
    assert paybill.waiting() == [paybill.now.id]
    assert paybill.messages() == []


def test_proof_is_asked_for_on_a_schedule_of_its_own(paybill: Paybill) -> None:
    paybill.is_told()
    moments = [5, 30, 120, 900, 3600, 6 * 3600, 24 * 3600]
    passed = 0
    for number, moment in enumerate(moments, 1):
        paybill.world.moves(seconds=moment - passed - 1)
        paybill.till.works()
        assert len(paybill.asked) == number - 1, f"not before {moment} s"
        paybill.world.moves(seconds=2)
        paybill.till.works()
        assert len(paybill.asked) == number, f"asked after {moment} s"
        passed = moment + 1
    assert paybill.stands() == ("heard", None), "the last question may still be answered"
    paybill.world.moves(hours=1)
    paybill.till.works()
    assert paybill.stands()[0] == "unproven"
    assert len(paybill.asked) == len(moments)


@pytest.mark.parametrize("status", ["Initiated", "Pending Authorized", "Whatever"])
def test_what_is_under_way_is_asked_about_again(paybill: Paybill, status: str) -> None:
    paybill.is_told()
    paybill.asks()
    paybill.is_answered(status=status)
    assert paybill.stands() == ("heard", None)
    paybill.world.moves(seconds=30)
    paybill.till.works()
    paybill.is_answered()
    assert paybill.wallet == kes(500)


@pytest.mark.parametrize("status", ["Cancelled", "Declined", "Expired"])
def test_what_failed_is_left_to_a_person_at_once(paybill: Paybill, status: str) -> None:
    paybill.is_told()
    paybill.asks()
    paybill.is_answered(status=status)
    assert paybill.stands() == ("unproven", f"M-Pesa says it was not paid ({status})")
    assert paybill.alarms() == ["paybill_unproven"]
    paybill.world.moves(hours=25)
    paybill.till.works()
    assert len(paybill.asked) == 1
    assert paybill.proves() == "credited", "the statement is the last word"
    assert paybill.wallet == kes(500)


def test_an_answer_about_another_receipt_or_without_amount_proves_nothing(
    paybill: Paybill,
) -> None:
    paybill.is_told()
    paybill.asks()
    paybill.is_answered(receipt="RKL51ZDR4X")
    paybill.is_answered(receipt="RKL51ZDR4X", status="Cancelled")
    paybill.is_answered(amount=None)
    paybill.is_answered(amount=0)
    assert paybill.stands() == ("heard", None)
    assert paybill.wallet == kes(0)


def test_news_and_proof_again_and_again_are_one_credit(paybill: Paybill) -> None:
    for _ in range(3):
        paybill.is_told()
    paybill.is_told(confirmation(account="+254708374149"))
    paybill.asks()
    for _ in range(3):
        paybill.is_answered()
    assert paybill.proves() == "repeated"
    assert paybill.wallet == kes(500)
    assert paybill.verdicts() == ["heard", "repeated", "repeated", "repeated"]
    assert len(paybill.messages()) == 1
    assert paybill.alarms() == []


@pytest.mark.parametrize(
    "other", [{"account": "0711000002"}, {"amount": "5000.00"}, {"account": "x"}], ids=str
)
def test_two_stories_of_one_receipt_go_to_two_people(
    paybill: Paybill, other: dict[str, object]
) -> None:
    paybill.is_told()
    paybill.is_told(confirmation(**other))
    assert paybill.verdicts() == ["heard", "contested"]
    assert paybill.alarms() == ["paybill_contested"]
    assert (paybill.now.amount, paybill.now.account) == (kes(500), "0708374149")
    paybill.asks()
    paybill.is_answered()
    assert paybill.stands() == ("suspense", "told with another amount or account")
    assert paybill.wallet == kes(0)


def test_a_second_story_after_the_credit_changes_nothing(paybill: Paybill) -> None:
    paybill.is_paid()
    paybill.is_told(confirmation(account="0711000002"))
    assert paybill.stands() == ("credited", None)
    assert paybill.alarms() == ["paybill_contested"]
    assert paybill.wallet == kes(500)


@pytest.mark.parametrize(
    ("heard", "status", "settled"),
    [("500.00", 501, Settled.CREDITED), ("501.00", 500, Settled.SUSPENSE)],
)
def test_of_two_amounts_the_statement_knows_which_was_paid(
    paybill: Paybill, heard: str, status: int, settled: Settled
) -> None:
    paybill.is_told(confirmation(amount=heard))
    paybill.asks()
    paybill.is_answered(amount=status)
    assert paybill.stands() == ("heard", None)
    assert paybill.alarms() == ["paybill_contested"]
    assert paybill.proves(amount=kes(500)) is settled
    assert paybill.now.amount == kes(500)


def test_cents_are_credited_too(paybill: Paybill) -> None:
    paybill.is_told(confirmation(amount="12.50"))
    paybill.asks()
    paybill.is_answered(amount=12.5)
    assert paybill.world.wallet(PHONE) == Money(1250)


def test_the_raw_table_holds_the_account_and_nobody_else(paybill: Paybill) -> None:
    paybill.is_told(
        confirmation(MSISDN="254722000126", FirstName="NICHOLAS", Note="call 0722000126")
    )
    assert "0708374149" in paybill.kept()
    for secret in ("722000126", "NICHOLAS"):
        assert secret not in paybill.kept()
    assert "2547*****126" in paybill.kept()
    assert paybill.now.payer == "2547*****126"


def test_the_hash_of_a_number_is_not_kept(paybill: Paybill) -> None:
    """C2B v1 sends SHA-256 of the MSISDN, which a machine undoes in minutes."""
    paybill.is_told(confirmation(MSISDN="ab" * 32))
    assert "abab" not in paybill.kept()
    assert paybill.now.payer is None
