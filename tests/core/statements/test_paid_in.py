"""What a line of money paid in proves, and what it does not."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import text

from core.deposits.answers import Failed, Paid
from core.money import Money, kes
from core.text import Text
from tests.core.deposits.purse import Purse
from tests.core.statements.office import WANJIRU, Office
from tests.world import World


def test_the_statement_confirms_what_a_callback_credited(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    assert deposit.confirmed_at is None
    matched = office.explains(office.paid_in(kes(500), receipt="NLJ7RT61SV"))
    assert matched.explained == 1
    assert purse.now(deposit).confirmed_at is not None
    assert purse.money == kes(500)
    assert office.breaks() == []


@pytest.mark.parametrize("spelled", ["{}", " {} ", "lower"])
def test_a_push_whose_answer_was_lost_is_found_by_its_reference(
    office: Office, purse: Purse, spelled: str
) -> None:
    deposit = office.lost_push(purse, kes(500))
    account = deposit.reference.lower() if spelled == "lower" else spelled.format(deposit.reference)
    office.explains(office.paid_in(kes(500), receipt="NLJ7RT61SV", account=account))
    now = purse.now(deposit)
    assert (now.state, now.receipt) == ("succeeded", "NLJ7RT61SV")
    assert now.confirmed_at is not None
    assert purse.money == kes(500)
    assert office.breaks() == []


def test_a_deposit_that_was_said_to_have_failed_is_credited(office: Office, purse: Purse) -> None:
    deposit = purse.becomes_pending(kes(500))
    purse.hears(deposit, Failed("1037", Text("You did not answer.")))
    office.explains(office.paid_in(kes(500), account=deposit.reference))
    assert purse.state(deposit) == "succeeded"
    assert purse.money == kes(500)


def test_another_amount_puts_the_deposit_under_review_once(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    matched = office.explains(office.paid_in(kes(400), receipt="NLJ7RT61SV"))
    assert matched.unexplained == 1
    assert purse.now(deposit).review is not None
    assert purse.now(deposit).confirmed_at is None
    assert office.why() == [f"paid in, deposit {deposit.id} is of KES 500"]
    acts = "SELECT act FROM audit_event WHERE act IN ('deposit.review', 'statement.break')"
    before = office.column(acts)
    assert office.matches().unexplained == 1
    assert office.column(acts) == before, "it is said once, not each day"
    assert (purse.money, purse.held) == (kes(0), kes(500)), "nothing authenticated vouches for it"


def test_the_statement_ends_the_review_of_a_contradicted_credit(
    office: Office, purse: Purse
) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    purse.is_answered(deposit, Paid())
    purse.hears(deposit, Paid(), receipt="NLJ7RT61SX")
    assert purse.now(deposit).confirmed_at is not None
    assert purse.now(deposit).review is not None
    line = office.paid_in(kes(500), receipt="NLJ7RT61SV")
    office.explains(line)
    assert purse.now(deposit).review is None, "a proof outweighs what contradicted it"
    assert office.breaks() == []


def test_what_nobody_heard_of_is_credited_by_the_account(office: Office, purse: Purse) -> None:
    office.explains(office.paid_in(kes(300), account="0712 345 678"))
    assert purse.money == kes(300)
    assert office.states_of_paybill() == ["credited"]
    assert office.column("SELECT payer FROM paybill_payment") == ["2547*****678"]


@pytest.mark.parametrize("account", [None, "", "rent", "0799999999"])
def test_what_belongs_to_nobody_waits_in_suspense(
    office: Office, purse: Purse, account: str | None
) -> None:
    assert office.explains(office.paid_in(kes(300), account=account)).explained == 1
    assert office.states_of_paybill() == ["suspense"]
    assert purse.money == kes(0)
    assert office.breaks() == []


def test_the_statement_proves_what_was_only_heard(office: Office, purse: Purse) -> None:
    office.heard(kes(300), receipt="RKL51ZDR4F", account="0712345678")
    assert purse.money == kes(0)
    office.explains(office.paid_in(kes(300), receipt="RKL51ZDR4F", account="254712345678"))
    assert purse.money == kes(300)
    assert office.column("SELECT proven_by FROM paybill_payment") == ["statement"]


@pytest.mark.parametrize("heard", [kes(500), kes(501)])
@pytest.mark.parametrize("account", ["", "{}"])
def test_a_deposit_that_only_a_query_credited_gets_its_receipt_and_no_second_credit(
    office: Office, purse: Purse, heard: Money, account: str
) -> None:
    """Its callback was garbled, and the confirmation told no account, or another amount."""
    deposit = purse.becomes_pending(kes(500))
    office.world.moves(minutes=2)
    purse.is_answered(deposit, Paid())
    assert purse.now(deposit).receipt is None
    office.heard(heard, receipt="RKL51ZDR4F", account=account.format(deposit.reference))
    office.explains(office.paid_in(kes(500), receipt="RKL51ZDR4F", account=deposit.reference))
    assert purse.now(deposit).receipt == "RKL51ZDR4F"
    assert office.states_of_paybill() == ["echo"]
    assert purse.money == kes(500)
    assert office.breaks() == []


def test_an_account_that_only_the_statement_tells_is_credited(office: Office, purse: Purse) -> None:
    office.heard(kes(300), receipt="RKL51ZDR4F", account="")
    office.explains(office.paid_in(kes(300), receipt="RKL51ZDR4F", account="0712345678"))
    assert office.states_of_paybill() == ["credited"]
    assert office.column("SELECT account FROM paybill_payment") == ["0712345678"]
    assert purse.money == kes(300)


def test_a_file_without_accounts_goes_by_what_was_heard(office: Office, purse: Purse) -> None:
    office.heard(kes(300), receipt="RKL51ZDR4F", account="0712345678")
    office.explains(office.paid_in(kes(300), receipt="RKL51ZDR4F", account=None))
    assert purse.money == kes(300)


@pytest.mark.parametrize("forged", [{"account": "0711111111"}, {"amount": kes(900)}])
def test_a_forged_confirmation_of_a_real_receipt_gains_nothing(
    office: Office, purse: Purse, world: World, forged: dict[str, Any]
) -> None:
    world.has_player("+254711111111")
    told: dict[str, Any] = {"amount": kes(300), "account": "0712345678", **forged}
    office.heard(receipt="RKL51ZDR4F", **told)
    office.explains(office.paid_in(kes(300), receipt="RKL51ZDR4F", account="0712345678"))
    assert office.states_of_paybill() == ["suspense"]
    assert office.column("SELECT amount_cents FROM paybill_payment") == [30_000]
    assert (purse.money, world.wallet("+254711111111")) == (kes(0), kes(0))


def test_a_credited_payment_must_have_the_statement_s_amount_and_account(
    office: Office, purse: Purse
) -> None:
    line = office.paid_in(kes(300), receipt="RKL51ZDR4F", account="0712345678")
    office.explains(line)
    with office.world.owner.begin() as connection:
        connection.execute(text("DELETE FROM statement_line"))
    office.explains(replace(line, account="0711111111"))
    [why] = office.why()
    assert why.endswith("was credited to another account")
    with office.world.owner.begin() as connection:
        connection.execute(text("DELETE FROM statement_line"))
    office.explains(replace(line, amount=kes(301)))
    [why] = office.why()
    assert why.endswith("is of KES 300")
    assert purse.money == kes(300)


def test_the_same_receipt_as_prompt_and_on_the_statement_is_credited_once(
    office: Office, purse: Purse
) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    line = office.paid_in(kes(500), receipt="NLJ7RT61SV", account=deposit.reference)
    office.explains(line)
    office.explains(line)
    assert purse.money == kes(500)
    assert office.states_of_paybill() == []


def test_a_second_payment_of_a_credited_deposit_s_reference_is_held(
    office: Office, purse: Purse
) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.explains(
        office.paid_in(kes(500), receipt="NLJ7RT61SV", account=deposit.reference),
        office.paid_in(kes(500), account=deposit.reference),
    )
    assert purse.money == kes(500)
    assert office.states_of_paybill() == ["suspense"]


def test_a_withdrawal_s_receipt_was_never_paid_in(office: Office, purse: Purse) -> None:
    office.world.gives(WANJIRU, kes(1000))
    paid = office.withdrawal(WANJIRU, kes(200))
    office.explains(office.paid_out(kes(200), receipt="SKQ0000001"))
    office.explains(office.paid_in(kes(200), receipt="SKQ0000001", account=WANJIRU))
    assert office.why() == [f"paid in, withdrawal {paid.id} has this receipt"]
    assert purse.money == kes(800)


def test_one_line_that_breaks_stops_no_other(office: Office, purse: Purse) -> None:
    with office.world.owner.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION refuse_one() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                " RAISE EXCEPTION 'not this one'; END $$;"
                " CREATE TRIGGER refuse_one BEFORE INSERT ON paybill_payment FOR EACH ROW"
                " WHEN (NEW.receipt = 'BAD0000001') EXECUTE FUNCTION refuse_one()"
            )
        )
    bad = office.paid_in(kes(100), receipt="BAD0000001", account="0712345678")
    matched = office.explains(bad, office.paid_in(kes(300), account="0712345678"))
    assert (matched.failed, matched.explained) == (1, 1)
    assert purse.money == kes(300)
    assert office.why() == ["paid in, not looked at yet"]
