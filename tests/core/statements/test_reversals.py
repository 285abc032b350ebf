"""What M-Pesa took back."""

import pytest

from core.deposits.records import lock_deposit
from core.deposits.reverse_deposit import reverse_deposit
from core.money import kes
from core.statements.lines import LineKind
from tests.core.deposits.purse import Purse
from tests.core.statements.office import WANJIRU, Office


@pytest.mark.parametrize("reversal_first", [True, False])
def test_a_reversed_deposit_is_taken_back_once(
    office: Office, purse: Purse, *, reversal_first: bool
) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    lines = [office.paid_in(kes(500), receipt="NLJ7RT61SV")]
    lines.insert(0 if reversal_first else 1, office.reversal(kes(500), of="NLJ7RT61SV"))
    office.explains(*lines)
    office.explains(*lines)
    assert purse.state(deposit) == "reversed"
    assert purse.money == kes(0)
    assert office.breaks() == []


def test_a_reversal_that_people_had_decided_is_explained(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    with office.world.database.begin() as connection:
        found = lock_deposit(connection, deposit_id=deposit.id)
        reverse_deposit(connection, found, actor="asha", second_actor="baraka", reason="seen")
    assert office.explains(office.reversal(kes(500), of="NLJ7RT61SV")).explained == 1
    assert purse.money == kes(0)


def test_what_was_spent_is_owed(office: Office, purse: Purse) -> None:
    office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.explains(office.paid_in(kes(500), receipt="NLJ7RT61SV"))
    office.withdrawal(WANJIRU, kes(300))
    office.explains(office.reversal(kes(500), of="NLJ7RT61SV"))
    assert purse.money == kes(0)
    owed = "SELECT -sum(cents) FROM entry JOIN account a ON a.id = account_id WHERE a.kind = "
    assert office.column(f"{owed} 'player_clawback'") == [30_000]


def test_a_part_of_a_deposit_is_for_people(office: Office, purse: Purse) -> None:
    deposit = office.deposit(purse, kes(500), receipt="NLJ7RT61SV")
    office.explains(office.reversal(kes(200), of="NLJ7RT61SV"))
    assert purse.state(deposit) == "succeeded"
    assert office.why() == [f"reversal, deposit {deposit.id} is of KES 500"]


def test_a_reversal_of_what_is_no_deposit_is_for_people(office: Office, purse: Purse) -> None:
    office.explains(
        office.paid_in(kes(300), receipt="RKL51ZDR4F", account=WANJIRU),
        office.reversal(kes(300), of="RKL51ZDR4F"),
        office.reversal(kes(300), of="RKL51ZDR4X"),
        office.paid_in(kes(300), kind=LineKind.REVERSAL),
    )
    paybill, unknown, unlinked = office.why()
    assert paybill.startswith("reversal, it takes back paybill payment ")
    assert unknown.startswith("reversal, nothing of ours has the receipt RKL51ZDR4X")
    assert unlinked == "reversal, it does not say what was reversed"
    assert purse.money == kes(300)
