"""I paid, where is my money? Support cases, from the call to the answer."""

import html
import re
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
import responses
from redis import Redis
from sqlalchemy import text

from core.config.rules import Dated
from core.database import in_transaction, now
from core.money import kes
from core.settings import Settings
from core.staff.records import Role, find_admin
from core.statements.import_statement import import_statement
from core.statements.lines import Flow, Line, LineKind, Source
from tests.admin.staff_page.desk import Desk
from tests.core.deposits.purse import Purse
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
EVIDENCE = {"evidence": "M-Pesa portal, page 7"}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As everywhere, but M-Pesa may be asked at once."""
    return settings.model_copy(update={"mpesa_queries_per_minute": 600_000})


@pytest.fixture
def daraja() -> Iterator[Daraja]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Daraja(wire)


@pytest.fixture
def till(world: World, settings: Settings, redis_client: Redis, daraja: Daraja) -> Till:
    assert daraja.tokens == 0
    return Till(world, settings, redis_client)


@pytest.fixture
def support(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT)


@pytest.fixture
def two_people(new_desk: Callable[[], Desk]) -> Callable[[], tuple[Desk, Desk]]:
    """Two who may decide about money, who have just signed in."""
    return lambda: (new_desk().signs_in(Role.FINANCE), new_desk().signs_in(Role.OWNER))


def looks(world: World, desk: Desk) -> list[tuple[str, str]]:
    """What the trail says of this person, the first thing first."""
    query = text("SELECT act, subject FROM audit_event WHERE actor = :actor ORDER BY id")
    with world.database.connect() as connection:
        found = connection.execute(query, {"actor": desk.email})
        return [(row.act, row.subject) for row in found]


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


def test_a_file_counts_once_a_second_person_has_looked_at_it(
    world: World, desk: Desk, two_people: Callable[[], tuple[Desk, Desk]]
) -> None:
    world.has_player(PHONE)
    finance, owner = two_people()
    moment = in_transaction(world.database, now)
    line = Line("SGR7ABC123", LineKind.PAID_IN, kes(500), moment, account=PHONE)
    kept = in_transaction(
        world.database,
        lambda c: import_statement(
            c,
            source=Source.CSV,
            money=Flow.IN,
            covers_from=moment - timedelta(hours=1),
            covers_to=moment,
            lines=(line,),
            by=find_admin(c, email=finance.email),
        ),
    )
    page = f"/admin/payments/statements/{kept.import_id}"
    support = desk.signs_in(Role.SUPPORT)
    support.opens("/admin/payments?q=SGR7ABC123").shows("No payment has this receipt")
    finance.opens(page).shows("Another admin of finance must approve it.", "SGR7ABC123")
    finance.sends(f"{page}/approve").refuses("Another admin than the one")
    owner.opens("/admin/payments/statements").shows(finance.email, "500")
    owner.sends(f"{page}/approve").shows("The statement counts now")
    assert world.wallet(PHONE) == kes(500)
    support.opens("/admin/payments?q=SGR7ABC123").shows("The money arrived", "Statement line")
    owner.opens("/admin/payments/statements/breaks").shows("No difference")


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


def test_two_of_finance_decide_a_deposit_with_the_receipt_of_the_caller(
    world: World, desk: Desk, two_people: Callable[[], tuple[Desk, Desk]]
) -> None:
    purse = Purse.of_a_new_player(world, phone=PHONE)
    lost = purse.becomes_pending()
    purse.is_left_alone(lost)
    support, (finance, owner) = desk.signs_in(Role.SUPPORT), two_people()
    page = f"/admin/payments/deposits/{lost.id}"
    finance.opens("/admin/payments?needs=deposits").shows("needs a person", "+254 708 374 149")
    support.opens(page).shows("two people of finance decide").shows_not("Propose what became")
    said = {"outcome": "confirmed", "receipt": "sgr7abc123", **EVIDENCE}

    assert support.sends(f"{page}/propose", **said).status == 403
    world.moves(minutes=11)
    finance.sends(f"{page}/propose", **said).refuses("That did not match")
    finance.sends(f"{page}/propose", **said, **finance.proof()).shows("Another admin of finance")
    finance.sends(f"{page}/approve", **finance.proof()).refuses("Another admin than the one")
    shown = owner.opens(page)
    shown.shows(f"{finance.email} proposes", "Receipt SGR7ABC123", "M-Pesa portal, page 7")
    owner.sends(f"{page}/approve").refuses("That did not match")
    owner.sends(f"{page}/approve", **owner.proof()).shows("The money arrived at")

    assert purse.money == kes(1000)
    support.opens("/admin/payments?q=SGR7ABC123").shows("The money arrived at")


def test_a_withdrawal_in_doubt_is_decided_by_two(
    world: World, desk: Desk, two_people: Callable[[], tuple[Desk, Desk]]
) -> None:
    teller = Teller.of_a_new_player(world, phone=PHONE)
    sent = teller.goes_out()
    world.moves(days=1)
    assert teller.is_left(sent)
    support, (finance, owner) = desk.signs_in(Role.SUPPORT), two_people()
    page = f"/admin/payments/withdrawals/{sent.id}"
    finance.opens("/admin/payments?needs=withdrawals").shows("needs a person", sent.reference)
    support.opens(f"/admin/payments?q={sent.reference}").shows(
        "M-Pesa has not said in a day whether it paid. The money is held and nothing is lost"
    )
    finance.sends(f"{page}/propose", outcome="paid", **EVIDENCE).refuses("Name M-Pesa's receipt")
    said = {"outcome": "paid", "receipt": "SG632NMUAB", **EVIDENCE}
    finance.sends(f"{page}/propose", **said).shows("Another admin of finance")
    owner.sends(f"{page}/cancel").shows("The proposal is taken back.")
    owner.sends(f"{page}/approve").refuses("No decision about withdrawal")
    finance.sends(f"{page}/propose", **said).shows("Another admin of finance")
    owner.sends(f"{page}/approve").shows("M-Pesa paid KES 500", "receipt is SG632NMUAB")
    assert world.wallet(PHONE) == kes(500)


def test_money_for_a_mistyped_account_is_found_by_the_payers_phone_and_placed_by_two(
    world: World, desk: Desk, two_people: Callable[[], tuple[Desk, Desk]]
) -> None:
    world.has_player(PHONE)
    stray = pays(world, account="0708374I49", payer="2547*****149")
    support, (finance, owner) = desk.signs_in(Role.SUPPORT), two_people()
    page = f"/admin/payments/paybill/{stray}"
    support.opens(f"/admin/payments?q={PHONE}").shows(
        "in suspense The money arrived and is safe with us, but the account typed was “0708374I49”"
    )
    finance.opens("/admin/payments?needs=suspense").shows("account 0708374I49", "unknown account")
    mine = {"phone": "0708 374149", **EVIDENCE}
    finance.sends(f"{page}/propose", **mine).shows("Another admin of finance must approve it.")
    finance.sends(f"{page}/approve").refuses("Another admin than the one")
    owner.opens(page).shows("the money is Wanjiru Kamau's, +254 708 374 149")
    owner.sends(f"{page}/approve").shows("The money arrived and is in the wallet.", "SMS, queued")
    assert world.wallet(PHONE) == kes(500)
    assert ("paybill.shown", f"paybill:{stray}") in looks(world, owner)


def test_a_job_that_was_set_aside_is_done_again_by_who_may_move_money(
    world: World, support: Desk, two_people: Callable[[], tuple[Desk, Desk]], till: Till
) -> None:
    paid = till.asks()
    till.works()
    till.posts(paid, callback_body())
    set_aside = (
        "UPDATE outbox SET set_aside_at = kibeezy_now(), last_error = 'KeyError'"
        " WHERE kind = 'stk_callback' RETURNING id"
    )
    with world.owner.begin() as connection:
        job = connection.execute(text(set_aside)).scalar_one()
    finance, _ = two_people()
    page = f"/admin/payments/deposits/{paid.id}"
    support.opens(page).shows("A job about it was set aside", "KeyError").shows_not("Do it again")
    finance.sends(f"{page}/replay", job=job + 1, why="mended")
    assert world.wallet(PHONE) == kes(0)
    finance.sends(f"{page}/replay", job=job, why="mended").shows("The job is due now")
    till.works()
    finance.opens(page).shows("The money arrived at").shows_not("was set aside")


def test_the_list_is_read_page_by_page_and_misses_nobody(world: World, support: Desk) -> None:
    stray = [is_heard(world, account=f"nobody {number}") for number in range(60)]
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


def test_a_large_withdrawal_is_released_by_two_or_given_back_by_one(
    world: World, desk: Desk, two_people: Callable[[], tuple[Desk, Desk]]
) -> None:
    world.always_had(Dated.WITHDRAWAL_APPROVAL_FROM_KES, 400)
    teller = Teller.of_a_new_player(world, phone=PHONE)
    first, second = teller.asks(kes(400)), teller.asks(kes(500))
    support, (finance, owner) = desk.signs_in(Role.SUPPORT), two_people()
    page, other = (f"/admin/payments/withdrawals/{each.id}" for each in (first, second))
    finance.opens("/admin/payments?needs=large").shows(first.reference, second.reference)
    support.opens(f"/admin/payments?q={first.reference}").shows("It is a large one, so two people")
    support.opens(page).shows_not("Release it")

    looked = {"why": "Bets and SIM looked at"}
    finance.sends(f"{page}/release", **looked).shows("Its release is proposed.")
    finance.sends(f"{page}/approve").refuses("Another admin than the one")
    owner.opens(page).shows("it is large and in order: pay it", "Bets and SIM looked at")
    owner.sends(f"{page}/approve").shows("It is decided, and done.").shows_not("It is a large one")
    owner.sends(f"{other}/refuse", why="").refuses("The reason is a text")
    owner.sends(f"{other}/refuse", why="A stolen phone").shows("The money is back in the wallet")

    finance.opens("/admin/payments?needs=large").shows("Nothing needs a person here.")
    assert world.wallet(PHONE) == kes(600)
