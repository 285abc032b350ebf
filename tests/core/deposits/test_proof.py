"""What Transaction Status or the provider's statement says of a receipt outweighs everything."""

import pytest
from sqlalchemy import text

from core.deposits.answers import Paid
from core.deposits.record_push import push_rejected
from core.deposits.records import Deposit
from core.ledger import book
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.money import kes
from tests.core.deposits.purse import CANCELLED, Purse

NOTHING = kes(0)


def with_state(purse: Purse, state: str) -> Deposit:
    deposit = purse.asks()
    if state == "rejected":
        with purse.world.database.begin() as c:
            push_rejected(c, deposit_id=deposit.id, code="429", reason=CANCELLED.reason)
    if state not in {"created", "rejected"}:
        purse.is_pushed(deposit)
    if state == "submit_unknown":
        purse.is_pushed(deposit)
    if state in {"pending", "failed", "unresolved"}:
        purse.is_accepted(deposit)
    if state == "failed":
        purse.is_answered(deposit, CANCELLED)
    if state == "unresolved":
        purse.is_left_alone(deposit)
    assert purse.state(deposit) == state
    return purse.now(deposit)


@pytest.mark.parametrize(
    "state", ["submitting", "submit_unknown", "pending", "failed", "unresolved"]
)
def test_a_proof_credits_and_confirms_at_once(purse: Purse, state: str) -> None:
    deposit = with_state(purse, state)
    assert purse.proves(deposit) == "credited"
    assert purse.proves(deposit) == "repeated"
    now = purse.now(deposit)
    assert (now.state, now.receipt) == ("succeeded", f"RECEIPT{deposit.id}")
    assert now.confirmed_at is not None
    assert (purse.money, purse.unconfirmed) == (kes(1000), NOTHING)
    [*_, told] = purse.messages()
    assert f"M-Pesa RECEIPT{deposit.id}" in told


@pytest.mark.parametrize("state", ["created", "rejected"])
def test_money_that_nobody_asked_for_calls_a_person(purse: Purse, state: str) -> None:
    deposit = with_state(purse, state)
    assert purse.proves(deposit) == "review"
    assert (purse.state(deposit), purse.money) == (state, NOTHING)
    assert purse.now(deposit).review is not None
    assert purse.alarms() == ["deposit_review"]


@pytest.mark.parametrize("state", ["pending", "failed"])
def test_a_proof_of_another_amount_moves_nothing(purse: Purse, state: str) -> None:
    deposit = with_state(purse, state)
    assert purse.proves(deposit, amount=kes(1)) == "review"
    assert (purse.state(deposit), purse.money) == (state, NOTHING)
    assert "KES 1" in (purse.now(deposit).review or "")


def test_a_proof_of_another_amount_confirms_no_credit(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    assert purse.proves(deposit, amount=kes(1)) == "review"
    purse.is_answered(deposit, Paid())
    assert (purse.money, purse.held) == (NOTHING, kes(1000))
    assert purse.now(deposit).confirmed_at is None


def test_a_proof_ends_a_contradiction_and_gives_back_what_was_frozen(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    purse.spends(kes(100))
    purse.is_answered(deposit, CANCELLED)
    assert (purse.money, purse.held) == (NOTHING, kes(900))
    assert purse.proves(deposit) == "confirmed"
    assert purse.proves(deposit) == "repeated"
    now = purse.now(deposit)
    assert (now.review, now.frozen) == (None, NOTHING)
    assert now.confirmed_at is not None
    assert (purse.money, purse.held, purse.unconfirmed) == (kes(900), NOTHING, NOTHING)
    purse.is_answered(deposit, CANCELLED)
    assert purse.money == kes(900), "what is proven is not frozen again"


def test_a_proof_brings_the_receipt_that_a_query_cannot(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.world.moves(minutes=2)
    purse.is_answered(deposit, Paid())
    confirmed_at = purse.now(deposit).confirmed_at
    assert purse.proves(deposit) == "confirmed"
    now = purse.now(deposit)
    assert (now.receipt, now.confirmed_at) == (f"RECEIPT{deposit.id}", confirmed_at)
    assert purse.money == kes(1000)


def test_a_proof_of_a_second_receipt_goes_to_a_person(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.hears(deposit, Paid())
    assert purse.proves(deposit, receipt="SECOND7") == "review"
    assert purse.now(deposit).receipt == f"RECEIPT{deposit.id}"
    assert (purse.money, purse.held) == (NOTHING, kes(1000))


def test_a_receipt_that_was_paid_to_the_paybill_credits_no_deposit(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    is_in_suspense(purse, receipt="PAYBILL7")
    assert purse.hears(deposit, Paid(), receipt="PAYBILL7") == "review"
    assert purse.proves(deposit, receipt="PAYBILL7") == "review"
    assert (purse.state(deposit), purse.money) == ("pending", NOTHING)
    assert "PAYBILL7" in (purse.now(deposit).review or "")
    assert purse.alarms() == ["deposit_review"]


def test_a_receipt_that_was_paid_to_the_paybill_is_not_added_to_a_credit(purse: Purse) -> None:
    deposit = purse.becomes_pending()
    purse.world.moves(minutes=2)
    purse.is_answered(deposit, Paid())
    is_in_suspense(purse, receipt="PAYBILL7")
    assert purse.hears(deposit, Paid(), receipt="PAYBILL7") == "review"
    assert purse.now(deposit).receipt is None
    assert "PAYBILL7" in (purse.now(deposit).review or "")


def is_in_suspense(purse: Purse, *, receipt: str) -> None:
    """A proven payment to the paybill that nobody was credited with."""
    with purse.world.database.begin() as connection:
        collection = book.system_account(connection, kind=AccountKind.MPESA_COLLECTION)
        suspense = book.system_account(connection, kind=AccountKind.MPESA_SUSPENSE)
        entries = (Entry(collection, -kes(1000)), Entry(suspense, kes(1000)))
        key = Key("paybill", receipt)
        posted = book.post(
            connection, Transfer(TransferKind.SUSPENSE, key, entries, actor="system")
        )
        connection.execute(
            text(
                "INSERT INTO paybill_payment"
                " (receipt, amount_cents, account, state, proven_by, transfer_id)"
                " VALUES (:receipt, 100000, 'nobody', 'suspense', 'statement', :posted)"
            ),
            {"receipt": receipt, "posted": posted.transfer_id},
        )
