"""Somebody who knows the paybill's address and a receipt, from where Daraja never calls."""

from ipaddress import ip_network

import pytest

from core.database import in_transaction
from core.money import kes
from core.paybill.hear_payment import Teller, Told, hear_payment
from core.settings import Settings
from tests.payments.paybill import FIVE_HUNDRED, RECEIPT, Paybill, confirmation
from tests.payments.till import PHONE

THIEF = "+254711000666"
STRANGER = "203.0.113.7"
STOLEN = {"account": THIEF}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test client's own address is trusted, others are strangers."""
    return settings.model_copy(update={"callback_allowed_ips": (ip_network("127.0.0.0/8"),)})


@pytest.fixture(autouse=True)
def _the_thief_has_an_account(paybill: Paybill) -> None:
    paybill.world.has_player(THIEF)


def loot(paybill: Paybill) -> object:
    return paybill.world.wallet(THIEF)


def test_a_stranger_s_word_leads_to_a_question_and_to_no_credit(paybill: Paybill) -> None:
    paybill.is_told(confirmation(**STOLEN), sender=STRANGER)
    assert paybill.verdicts() == ["heard"]
    assert paybill.asks()["TransactionID"] == RECEIPT
    paybill.is_answered()
    assert paybill.stands() == ("heard", "told by a stranger only")
    assert loot(paybill) == kes(0)


def test_what_the_provider_tells_later_replaces_the_stranger_s_account(paybill: Paybill) -> None:
    paybill.is_told(confirmation(**STOLEN), sender=STRANGER)
    paybill.asks()
    paybill.is_answered()
    paybill.is_told()
    paybill.is_answered()
    assert (paybill.wallet, loot(paybill)) == (FIVE_HUNDRED, kes(0))
    assert paybill.verdicts() == ["heard", "replaced what a stranger told"]
    assert paybill.alarms() == []


def test_the_provider_is_believed_though_the_stranger_was_given_up(paybill: Paybill) -> None:
    """A receipt can be guessed before it is given."""
    paybill.is_told(confirmation(**STOLEN), sender=STRANGER)
    paybill.asks()
    paybill.is_answered(status="Declined")
    assert paybill.stands()[0] == "unproven"
    paybill.is_told()
    assert len(paybill.asked) == 2, "asked about once more"
    paybill.is_answered()
    assert (paybill.wallet, loot(paybill)) == (FIVE_HUNDRED, kes(0))


def test_a_stranger_who_tells_the_truth_delays_nothing(paybill: Paybill) -> None:
    paybill.is_told(sender=STRANGER)
    paybill.is_told()
    paybill.is_answered()
    assert paybill.stands() == ("credited", None)


def test_the_largest_deposit_counts_for_what_replaces_a_stranger_s_word(paybill: Paybill) -> None:
    paybill.is_told(sender=STRANGER)
    paybill.is_told(confirmation(amount="150001.00"))
    paybill.is_answered(amount=150_001)
    assert paybill.stands() == ("suspense", "over the largest deposit")


@pytest.mark.parametrize("lie", [STOLEN, {"amount": "5000.00"}], ids=str)
def test_a_stranger_contests_nothing(paybill: Paybill, lie: dict[str, object]) -> None:
    paybill.is_told()
    paybill.is_told(confirmation(**lie), sender=STRANGER)
    assert paybill.verdicts() == ["heard", "not believed, from a stranger"]
    paybill.asks()
    paybill.is_answered()
    assert (paybill.wallet, loot(paybill)) == (FIVE_HUNDRED, kes(0))
    assert paybill.alarms() == []


def test_a_stranger_s_wrong_amount_calls_nobody(paybill: Paybill) -> None:
    paybill.is_told(confirmation(amount="1.00"), sender=STRANGER)
    paybill.asks()
    paybill.is_answered()
    assert paybill.stands()[0] == "heard"
    assert paybill.alarms() == []


def test_another_s_payment_settles_no_deposit_of_the_stranger_s(paybill: Paybill) -> None:
    deposit = paybill.till.asks(FIVE_HUNDRED, phone=THIEF)
    paybill.till.works()
    paybill.is_told(confirmation(account=deposit.reference), sender=STRANGER)
    paybill.asks()
    paybill.is_answered()
    assert (paybill.till.state(deposit), loot(paybill)) == ("pending", kes(0))
    assert tells(paybill, account=deposit.reference) == "suspense", "it names no account itself"
    assert (paybill.till.state(deposit), loot(paybill)) == ("pending", kes(0))


def test_a_statement_that_names_another_account_is_believed(paybill: Paybill) -> None:
    paybill.is_told(confirmation(**STOLEN), sender=STRANGER)
    assert tells(paybill, account=PHONE) == "credited"
    assert (paybill.wallet, loot(paybill)) == (FIVE_HUNDRED, kes(0))


def test_a_statement_that_names_no_account_leaves_it_to_two_people(paybill: Paybill) -> None:
    """Then the account is told as it was heard, from the stranger."""
    paybill.is_told(confirmation(**STOLEN), sender=STRANGER)
    assert tells(paybill, account=THIEF) == "suspense"
    assert paybill.stands() == ("suspense", "told by a stranger only")
    assert loot(paybill) == kes(0)


def tells(paybill: Paybill, *, account: str) -> str:
    """What the statement's line of KES 500 leads to."""
    told = Told(RECEIPT, FIVE_HUNDRED, account, teller=Teller.STATEMENT)
    in_transaction(
        paybill.world.database,
        lambda c: hear_payment(c, told=told, settings=paybill.settings),
    )
    return paybill.proves()
