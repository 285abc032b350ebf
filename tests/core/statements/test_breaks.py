"""What our books have and the statement has not, where it should."""

from datetime import timedelta

import pytest

from core.deposits.answers import Paid
from core.money import kes
from core.statements.lines import Flow, LineKind
from tests.core.deposits.purse import Purse
from tests.core.statements.office import DAY, WANJIRU, Office


def test_a_credit_that_is_on_no_statement_is_a_break(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=11)
    office.explains()
    [found] = office.breaks()
    assert (found.kind, found.receipt, found.amount) == (
        "not on the statement",
        "NLJ7RT61SV",
        kes(500),
    )
    assert found.subject == f"deposit:{deposit.id}"
    assert found.sentence.endswith(f", not on the statement: deposit {deposit.id} is in our books.")


def test_what_is_too_new_for_the_statement_is_none(office: Office, purse: Purse) -> None:
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=5)
    office.explains()
    assert office.breaks() == []


def test_what_no_statement_covers_is_none(office: Office, purse: Purse) -> None:
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=30)
    office.imports(back=timedelta(minutes=20))
    assert office.breaks() == []


def test_a_statement_of_money_out_says_nothing_about_money_in(office: Office, purse: Purse) -> None:
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=30)
    office.explains(money=Flow.OUT)
    assert office.breaks() == []


def test_two_statements_that_meet_cover_what_lies_between(office: Office, purse: Purse) -> None:
    office.imports()
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=30)
    office.imports(back=timedelta(hours=1))
    assert len(office.breaks()) == 1


def test_a_credit_without_a_receipt_is_a_break_too(office: Office, purse: Purse) -> None:
    deposit = purse.becomes_pending(kes(500))
    office.world.moves(minutes=2)
    purse.is_answered(deposit, Paid())
    office.world.moves(minutes=30)
    office.explains()
    [found] = office.breaks()
    assert found.sentence.startswith("Without receipt, KES 500 of ")
    office.explains(office.paid_in(kes(500), account=deposit.reference))
    assert office.breaks() == []
    assert purse.money == kes(500)


def test_a_paid_withdrawal_that_is_on_no_statement_is_a_break(office: Office, purse: Purse) -> None:
    assert purse.money == kes(0)
    office.world.gives(WANJIRU, kes(1000))
    paid = office.withdrawal(WANJIRU, kes(200))
    office.explains(office.paid_out(kes(200)), money=Flow.OUT)
    with office.world.owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM statement_line")
    assert office.breaks() == []
    office.world.moves(minutes=30)
    office.imports(money=Flow.OUT)
    [found] = office.breaks()
    assert (found.subject, found.amount) == (f"withdrawal:{paid.id}", kes(200))


def test_a_paybill_payment_that_left_the_statement_is_a_break(office: Office, purse: Purse) -> None:
    office.explains(office.paid_in(kes(300), account=WANJIRU))
    assert purse.money == kes(300)
    with office.world.owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM statement_line")
    office.world.moves(minutes=30)
    office.imports()
    assert [found.subject.partition(":")[0] for found in office.breaks()] == ["paybill"]


def test_a_payout_on_the_statement_does_not_stand_for_a_deposit(
    office: Office, purse: Purse
) -> None:
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=30)
    office.imports(office.paid_in(kes(5), kind=LineKind.CHARGE, receipt="NLJ7RT61SV"))
    office.matches()
    assert [found.kind for found in office.breaks()] == ["not on the statement"]


def test_old_breaks_are_listed_when_they_are_asked_for(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.world.moves(minutes=30)
    office.explains(office.paid_out(kes(70)))
    assert len(office.breaks()) == 2
    office.world.moves(days=8)
    purse.is_asked_about_in_vain(deposit)
    assert office.breaks() == []
    assert len(office.breaks(since=9 * DAY)) == 2


@pytest.mark.parametrize("kind", [LineKind.CHARGE, LineKind.OTHER])
def test_charges_and_transfers_of_our_own_are_no_breaks(office: Office, kind: LineKind) -> None:
    assert office.explains(office.paid_in(kes(33), kind=kind, party=None)).explained == 1
    assert office.breaks() == []
    assert office.states_of_paybill() == []
