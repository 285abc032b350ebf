"""What M-Pesa cannot tell any more is decided by two people, and each press is theirs."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import text

from core.config.rules import Dated
from core.database import in_transaction, now
from core.money import kes
from core.staff.records import Role, find_admin
from core.statements.import_statement import import_statement
from core.statements.lines import Flow, Line, LineKind, Source
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.payments.reading import read
from tests.admin.staff_page.payments.trail import looks
from tests.core.deposits.purse import Purse
from tests.core.paybill.payer import pays
from tests.core.withdrawals.teller import Teller
from tests.payments.till import PHONE, Till, callback_body
from tests.world import World

EVIDENCE = {"evidence": "M-Pesa portal, page 7"}


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
    shown = owner.opens(page)
    shown.shows(f"{finance.email} proposes", "Receipt SGR7ABC123", "M-Pesa portal, page 7")
    seen = read(shown)
    finance.sends(f"{page}/approve", **seen, **finance.proof()).refuses("Another admin than the")
    owner.sends(f"{page}/approve", **seen).refuses("That did not match")
    owner.sends(f"{page}/approve", **seen, **owner.proof()).shows("The money arrived at")

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
    seen = read(owner.opens(page))
    owner.sends(f"{page}/cancel", **seen).shows("The proposal is taken back.")
    owner.sends(f"{page}/approve", **seen).refuses("No decision about withdrawal")
    finance.sends(f"{page}/propose", **said).shows("Another admin of finance")
    owner.sends(f"{page}/approve", **read(owner.opens(page))).shows(
        "M-Pesa paid KES 500", "receipt is SG632NMUAB"
    )
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
    seen = read(owner.opens(page).shows("the money is Wanjiru Kamau's, +254 708 374 149"))
    finance.sends(f"{page}/approve", **seen).refuses("Another admin than the one")
    owner.sends(f"{page}/approve", **seen).shows(
        "The money arrived and is in the wallet.", "SMS, queued"
    )
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
    another = "INSERT INTO outbox (kind, set_aside_at) VALUES ('a', kibeezy_now()) RETURNING id"
    with world.owner.begin() as connection:
        job = connection.execute(text(set_aside)).scalar_one()
        others = connection.execute(text(another)).scalar_one()
    finance, _ = two_people()
    page = f"/admin/payments/deposits/{paid.id}"
    support.opens(page).shows("A job about it was set aside", "KeyError").shows_not("Do it again")
    assert finance.sends(f"{page}/replay", job=others, why="mended").status == 422
    assert world.count("outbox WHERE set_aside_at IS NOT NULL") == 2
    finance.sends(f"{page}/replay", job=job, why="mended").shows("The job is due now")
    till.works()
    finance.opens(page).shows("The money arrived at").shows_not("was set aside")


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
    seen = read(
        owner.opens(page).shows("it is large and in order: pay it", "Bets and SIM looked at")
    )
    finance.sends(f"{page}/approve", **seen).refuses("Another admin than the one")
    done = owner.sends(f"{page}/approve", **seen)
    done.shows("It is decided, and done.").shows_not("It is a large one")
    owner.sends(f"{other}/refuse", why="").refuses("The reason is a text")
    owner.sends(f"{other}/refuse", why="A stolen phone").shows("The money is back in the wallet")

    finance.opens("/admin/payments?needs=large").shows("Nothing needs a person here.")
    assert world.wallet(PHONE) == kes(600)
