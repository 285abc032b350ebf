"""A press approves what its page showed, whatever the proposer has put in its place meanwhile."""

from collections.abc import Callable

import pytest

from core.config.rules import Dated
from core.money import kes
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.payments.reading import read
from tests.core.deposits.purse import Purse
from tests.core.paybill.payer import pays
from tests.core.withdrawals.teller import Teller
from tests.payments.till import PHONE
from tests.world import World

EVIDENCE = {"evidence": "M-Pesa portal, page 7"}
CHANGED = "The proposal has changed since you read it. Read it again."
OTHER_PHONE = "+254711000999"

TwoPeople = Callable[[], tuple[Desk, Desk]]


@pytest.mark.parametrize("act", ["approve", "cancel"])
def test_money_is_placed_with_whom_the_second_person_read_of(
    world: World, two_people: TwoPeople, act: str
) -> None:
    world.has_player(PHONE)
    world.has_player(OTHER_PHONE)
    stray = pays(world, account="0708374I49", payer="2547*****149")
    finance, owner = two_people()
    page = f"/admin/payments/paybill/{stray}"
    finance.sends(f"{page}/propose", phone=PHONE, **EVIDENCE)
    seen = read(owner.opens(page).shows("the money is Wanjiru Kamau's, +254 708 374 149"))
    finance.sends(f"{page}/cancel", **seen).shows("The proposal is taken back.")
    finance.sends(f"{page}/propose", phone=OTHER_PHONE, **EVIDENCE)

    refused = owner.sends(f"{page}/{act}", **seen).refuses(CHANGED)
    assert (world.wallet(PHONE), world.wallet(OTHER_PHONE)) == (kes(0), kes(0))

    refused.shows("+254 711 000 999")
    owner.sends(f"{page}/approve", **read(refused)).shows("in the wallet")
    assert world.wallet(OTHER_PHONE) == kes(500)


def test_a_deposit_is_not_credited_by_who_read_that_it_never_was_paid(
    world: World, two_people: TwoPeople
) -> None:
    purse = Purse.of_a_new_player(world, phone=PHONE)
    lost = purse.becomes_pending()
    purse.is_left_alone(lost)
    finance, owner = two_people()
    page = f"/admin/payments/deposits/{lost.id}"
    finance.sends(f"{page}/propose", outcome="failed", **EVIDENCE)
    seen = read(owner.opens(page).shows("it never was paid"))
    finance.sends(f"{page}/cancel", **seen)
    finance.sends(f"{page}/propose", outcome="confirmed", receipt="SGR7ABC123", **EVIDENCE)

    for act in ("cancel", "approve"):
        owner.sends(f"{page}/{act}", **seen).refuses(CHANGED)
    assert purse.money == kes(0)


def test_a_withdrawal_is_not_given_back_by_who_read_that_it_was_paid(
    world: World, two_people: TwoPeople
) -> None:
    teller = Teller.of_a_new_player(world, phone=PHONE)
    sent = teller.goes_out()
    world.moves(days=1)
    assert teller.is_left(sent)
    finance, owner = two_people()
    page = f"/admin/payments/withdrawals/{sent.id}"
    finance.sends(f"{page}/propose", outcome="paid", receipt="SG632NMUAB", **EVIDENCE)
    seen = read(owner.opens(page).shows("m-pesa paid it to the phone"))
    finance.sends(f"{page}/cancel", **seen)
    finance.sends(f"{page}/propose", outcome="failed", **EVIDENCE)

    for act in ("cancel", "approve"):
        owner.sends(f"{page}/{act}", **seen).refuses(CHANGED)
    assert world.wallet(PHONE) == kes(500)


def test_a_large_withdrawal_is_not_released_by_who_read_that_it_failed(
    world: World, two_people: TwoPeople
) -> None:
    world.always_had(Dated.WITHDRAWAL_APPROVAL_FROM_KES, 400)
    large = Teller.of_a_new_player(world, phone=PHONE).asks(kes(500))
    finance, owner = two_people()
    page = f"/admin/payments/withdrawals/{large.id}"
    finance.sends(f"{page}/propose", outcome="failed", **EVIDENCE)
    seen = read(owner.opens(page).shows("it never was paid"))
    finance.sends(f"{page}/cancel", **seen)
    finance.sends(f"{page}/release", why="Bets and SIM looked at")

    owner.sends(f"{page}/approve", **seen).refuses(CHANGED)
    owner.opens(page).shows("it is large and in order: pay it")


def test_a_form_that_names_no_proposal_approves_none(world: World, two_people: TwoPeople) -> None:
    """As one that was opened before this release."""
    world.has_player(PHONE)
    stray = pays(world, account="0708374I49", payer="2547*****149")
    finance, owner = two_people()
    page = f"/admin/payments/paybill/{stray}"
    finance.sends(f"{page}/propose", phone=PHONE, **EVIDENCE)
    for act in ("cancel", "approve"):
        owner.sends(f"{page}/{act}").refuses(CHANGED)
        owner.sends(f"{page}/{act}", decision="x").refuses(CHANGED)
    assert world.wallet(PHONE) == kes(0)
