"""I paid, where is my money? Support cases, from the call to the answer."""

import html
import re
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import text

from core.database import in_transaction, now
from core.money import kes
from core.staff.records import Role
from core.statements.import_statement import import_statement
from core.statements.lines import Flow, Line, LineKind, Source
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.payments.trail import looks
from tests.core.paybill.payer import is_heard, pays
from tests.core.withdrawals.teller import Teller
from tests.payments.daraja import Daraja, error, result
from tests.payments.till import PHONE, RECEIPT, Till, callback_body
from tests.world import World

ASKED = "We do not know yet: M-Pesa is being asked, and nothing is lost."
SMS = (
    f"{RECEIPT} Confirmed. Ksh1,000.00 sent to KIBEEZY for account KBZ on 26/11/26 at 2:05 PM."
    " New M-PESA balance is Ksh40.00."
)


def test_the_callback_was_lost_and_one_press_finds_the_money(
    world: World, support: Desk, till: Till, daraja: Daraja
) -> None:
    paid = till.asks()
    till.works()
    world.moves(minutes=3)
    daraja.answers_query(result("0"))
    page = f"/admin/payments/deposits/{paid.id}"

    support.opens("/admin/payments?q=0708-374149").shows(ASKED, "Deposit of KES 1,000", "Open it")
    support.opens(page).shows(ASKED, "The prompt was sent", "Ask M-Pesa again now")
    told = support.sends(f"{page}/ask", why="She is on the phone")

    told.shows("M-Pesa says it was paid: the money is in the wallet now.")
    told.shows("Say to the caller in the wallet The money arrived at", "Money moved")
    assert world.wallet(PHONE) == kes(1000)
    player = f"player:{world.player(PHONE).id}"
    assert ("payment.searched", player) in looks(world, support)
    assert ("deposit.shown", f"deposit:{paid.id}") in looks(world, support)
    assert ("deposit.asked_about", f"deposit:{paid.id}") in looks(world, support)


def test_a_receipt_a_whole_sms_or_our_reference_find_the_payment(support: Desk, till: Till) -> None:
    paid = till.asks()
    till.works()
    till.posts(paid, callback_body())
    till.works()
    for typed in (RECEIPT, RECEIPT.lower(), SMS, paid.reference, f"ref {paid.reference}."):
        support.opens(f"/admin/payments?q={typed}").shows(
            "Say to the caller in the wallet The money arrived at", "KES 1,000", "+254 708 374 149"
        )
    support.opens("/admin/payments?q=ZZZ9ABC123").shows("No payment has this receipt")


def test_what_is_no_search_says_how_to_write_one(support: Desk, world: World) -> None:
    support.opens("/admin/payments").shows("No payment yet.")
    support.opens("/admin/payments?q=help!").shows("That is no phone, receipt, reference or amount")
    support.opens("/admin/payments?needs=suspense").shows("Nothing needs a person here.")
    assert looks(world, support)[-1] == ("payment.listed", "payment:*")


def test_a_number_finds_no_payment_of_nobodys(support: Desk, world: World) -> None:
    pays(world, account="nobody", payer="2547*****149")
    support.opens("/admin/payments?q=0799999998").shows("No payment of this number.")
    told = support.opens("/admin/payments?q=0799999149").shows("account nobody")
    told.shows("The newest may be this caller's: compare the receipt in their M-Pesa SMS")


def test_m_pesa_that_does_not_answer_is_asked_by_the_worker(
    world: World, support: Desk, till: Till, daraja: Daraja
) -> None:
    paid = till.asks()
    till.works()
    world.moves(seconds=31)
    till.works()
    daraja.answers_query(error("500.003.02"))
    asked = len(daraja.queried)
    page = f"/admin/payments/deposits/{paid.id}/ask"
    support.sends(page, why="She calls").shows("Nothing is lost: the worker asks within a minute")
    assert len(daraja.queried) == asked + 1
    daraja.answers_query(result("1032"))
    till.works()
    assert len(daraja.queried) == asked + 2
    support.opens(f"/admin/payments?q={PHONE}").shows(
        "M-Pesa says the prompt was cancelled: nothing was taken."
    )


def test_the_budget_of_questions_is_kept(
    support: Desk, till: Till, daraja: Daraja, redis_client: Redis
) -> None:
    paid = till.asks()
    till.works()
    redis_client.set("mpesa:queries:next", 2**53)
    page = f"/admin/payments/deposits/{paid.id}/ask"
    support.sends(page, why="She calls").shows("was asked too often. Nothing is lost")
    assert daraja.queried == []


def test_a_question_about_a_payout_is_answered_later(
    world: World, support: Desk, daraja: Daraja
) -> None:
    teller = Teller.of_a_new_player(world, phone=PHONE)
    sent, other = teller.goes_out(), teller.asks(kes(100))
    page = f"/admin/payments/withdrawals/{sent.id}/ask"
    told = support.sends(page, why="He calls")
    told.shows("Its answer comes by itself", "M-Pesa asked what became of it", "Asked about")
    assert [each["OriginalConversationID"] for each in daraja.asked] == [sent.originator_id]
    page = f"/admin/payments/withdrawals/{other.id}/ask"
    support.sends(page, why="He calls").shows("There is nothing to ask M-Pesa about this payment")


@pytest.mark.parametrize("role", [Role.VIEWER, Role.RESOLVER])
def test_who_helps_nobody_sees_nobody(world: World, desk: Desk, till: Till, role: Role) -> None:
    paid = till.asks()
    desk.signs_in(role)
    seen = looks(world, desk)
    desk.opens("/admin/").shows_not("Payments")
    for page in (f"?q={PHONE}", f"/deposits/{paid.id}", "/statements"):
        shown = desk.opens(f"/admin/payments{page}")
        assert shown.status == 403
        shown.shows_not("708 374 149", "1,000")
    assert looks(world, desk) == seen


def test_what_only_the_statement_has_is_safe_and_told(world: World, support: Desk) -> None:
    moment = in_transaction(world.database, now)
    line = Line("SGR7ABC123", LineKind.PAID_IN, kes(500), moment, account="0708 374I49")
    in_transaction(
        world.database,
        lambda c: import_statement(
            c,
            source=Source.PULL,
            money=Flow.IN,
            covers_from=moment - timedelta(hours=1),
            covers_to=moment,
            lines=(line,),
            by=None,
        ),
    )
    support.opens("/admin/payments?q=SGR7ABC123").shows(
        "M-Pesa's statement has this payment", "The money is with us"
    )


def test_a_question_needs_a_reason(support: Desk, till: Till, daraja: Daraja) -> None:
    paid = till.asks()
    till.works()
    support.sends(f"/admin/payments/deposits/{paid.id}/ask", why="").refuses("The reason is a text")
    assert daraja.queried == []


def test_the_list_is_read_page_by_page_and_misses_nobody(world: World, support: Desk) -> None:
    stray = [is_heard(world, account=f"nobody {number}") for number in range(60)]
    at_once = "UPDATE paybill_payment SET heard_at = (SELECT min(heard_at) FROM paybill_payment)"
    with world.owner.begin() as connection:
        connection.execute(text(at_once))
    first = support.opens("/admin/payments").shows("nobody 59").shows_not("nobody 9 ")
    older = re.search(r'href="([^"]+before=[^"]+)"', first.html)
    assert older is not None
    rest = support.opens(html.unescape(older[1])).shows("nobody 9 ", "nobody 0 ")
    assert len(re.findall("Paybill \\d+", first.words + rest.words)) == len(stray)


def test_an_amount_is_found_with_its_day(world: World, support: Desk) -> None:
    is_heard(world, account="somebody", amount=kes(777))
    for typed in ("777", "KES 777", "ksh 777 today"):
        support.opens(f"/admin/payments?q={typed}").shows("account somebody")
    support.opens("/admin/payments?q=777 yesterday").shows("No payment of this amount then.")
    support.opens("/admin/payments?q=778").shows("No payment of this amount then.")
