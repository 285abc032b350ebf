"""A large withdrawal from the phone to M-Pesa: asked for, released by two at a terminal, paid."""

from collections.abc import Callable

import pytest
from flask import Flask

from core.config.rules import Dated
from core.money import kes
from core.staff.records import Role
from core.withdrawals.records import Withdrawal
from tests.admin.operator import Operator
from tests.core.withdrawals.teller import sets
from tests.payments.cashier import RECEIPT, Cashier, result_body
from tests.payments.daraja import Daraja
from tests.payments.till import PHONE
from tests.phone import Phone
from tests.world import ASHA, BARAKA, PIN


@pytest.fixture
def caller(cashier: Cashier, phone_of: Callable[[str], Phone]) -> Phone:
    """Has KES 60,000, and withdrawals from 50,000 on wait for people."""
    cashier.world.gives(PHONE, kes(59_000))
    for email in (ASHA, BARAKA):
        cashier.world.has_admin(email, Role.FINANCE)
    sets(cashier.world, Dated.WITHDRAWAL_APPROVAL_FROM_KES, 50_000)
    return phone_of(PHONE)


@pytest.fixture
def operator(app: Flask) -> Operator:
    return Operator(app.test_cli_runner())


def asked_by_phone(cashier: Cashier, caller: Phone, amount: int) -> Withdrawal:
    caller.dial().choose("Withdraw").type(str(amount)).type(PIN)
    return cashier.newest()


def test_two_people_let_it_go_and_mpesa_pays(
    cashier: Cashier, daraja: Daraja, caller: Phone, operator: Operator
) -> None:
    asked = asked_by_phone(cashier, caller, 55_000)
    caller.shows(f"Withdrawal of KES 55,000 to your M-Pesa. Ref {asked.reference}. ")
    caller.shows("We look at large withdrawals first. An SMS will tell you.").has_hung_up()
    cashier.works()
    assert (daraja.paid_out, cashier.held) == ([], kes(55_000))
    [waits] = operator.reads("withdrawal waiting --json")
    assert (waits["id"], waits["phone"], waits["proposed"]) == (asked.id, PHONE, None)

    said = operator.types(f"withdrawal release {asked.id} --why 'Won on 3 markets' --by {ASHA}")
    assert said == f"Withdrawal {asked.id}: release proposed. Another admin must approve it.\n"
    listed = operator.types("withdrawal waiting")
    for words in ("KES 55,000", PHONE, f"released by {ASHA}: Won on 3 markets"):
        assert words in listed
    approve = f"withdrawal approve {asked.id} --by"
    assert "Another admin than the one" in operator.is_refused(f"{approve} {ASHA}")
    said = operator.types(f"{approve} {BARAKA}")
    assert said == f"Withdrawal {asked.id} is released, as {ASHA} proposed: Won on 3 markets\n"
    assert operator.types("withdrawal waiting") == "No withdrawal waits for people.\n"

    cashier.works()
    [order] = daraja.paid_out
    assert order["Amount"] == "55000"
    cashier.hears(asked, result_body(asked, amount=55_000))
    assert (cashier.state(asked), cashier.held, cashier.wallet) == ("paid", kes(0), kes(5_000))
    first, last = cashier.messages()
    assert first.startswith("We look at large withdrawals first. Your KES 55,000 is safe.")
    assert last.startswith(f"KES 55,000 sent to your M-Pesa, receipt {RECEIPT}.")
    told = operator.types(f"withdrawal show {asked.id}")
    for words in ("decision.proposed", "decision.agreed", "withdrawal.queued", "mpesa_payout"):
        assert words in told
    assert "The ledger is sound" in operator.types("ledger verify")


def test_one_person_refuses_and_the_caller_reads_so(
    cashier: Cashier, daraja: Daraja, caller: Phone, operator: Operator
) -> None:
    asked = asked_by_phone(cashier, caller, 50_000)
    said = operator.types(f"withdrawal refuse {asked.id} --why 'Two phones, one bet' --by {ASHA}")
    assert said == f"Withdrawal {asked.id}: KES 50,000 is back with the player.\n"
    cashier.works()
    assert (daraja.paid_out, cashier.wallet, cashier.held) == ([], kes(60_000), kes(0))
    told = cashier.messages()[-1]
    assert told.startswith("Your withdrawal was not approved, so KES 50,000 is back with you.")
    assert "Two phones" not in told, "the reason is for staff"
    assert "does not wait" in operator.is_refused(
        f"withdrawal release {asked.id} --why 'Again' --by {BARAKA}"
    )


def test_a_smaller_one_goes_as_always(
    cashier: Cashier, daraja: Daraja, caller: Phone, operator: Operator
) -> None:
    asked = asked_by_phone(cashier, caller, 49_999)
    caller.shows("Withdrawal of KES 49,999 to your M-Pesa is on its way.")
    cashier.works()
    assert len(daraja.paid_out) == 1
    assert "does not wait" in operator.is_refused(
        f"withdrawal refuse {asked.id} --why 'Too late' --by {ASHA}"
    )


def test_whoever_lost_the_last_page_is_told_that_it_was_made(
    cashier: Cashier, caller: Phone
) -> None:
    asked = asked_by_phone(cashier, caller, 50_000)
    caller.dial().shows(f"Your last withdrawal was made. Ref {asked.reference}.")


def test_the_hop_that_repeats_says_the_same_and_holds_once(cashier: Cashier, caller: Phone) -> None:
    asked_by_phone(cashier, caller, 50_000)
    page = caller.shows("We look at large").screen
    assert caller.repeats().screen == page
    assert (cashier.held, len(cashier.messages())) == (kes(50_000), 1)
