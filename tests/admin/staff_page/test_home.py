"""The first page: what needs a person, and the money of today."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import text

from admin.drawing.needs import said, span
from core.alarms.raise_alarm import raise_alarm
from core.database import in_transaction, now
from core.deposits.answers import Paid
from core.markets.rules import Outcome, Side
from core.money import kes
from core.reports.needs import MOST_COUNTED, Need, NeedKind
from core.staff.records import Role
from core.withdrawals.answers import PaidOut
from tests.admin.staff_page.desk import PASSWORD, Desk
from tests.chromium import needs_chromium
from tests.core.deposits.purse import Purse
from tests.core.markets.bookmaker import Bookmaker
from tests.core.paybill.payer import pays
from tests.core.reports.busy_evening import OTIENO, STRANGER, WANJIRU, BusyEvening, all_is_looked_at
from tests.core.withdrawals.teller import Teller
from tests.world import World

CALM = "All is well: nothing waits for anybody."


def test_where_nothing_waits_it_says_so(desk: Desk, world: World) -> None:
    desk.signs_in(Role.VIEWER)
    all_is_looked_at(world)
    desk.opens("/admin/").shows("What needs a person", CALM, "Money today")


def test_whatever_waits_has_a_line_with_what_to_do(desk: Desk, world: World) -> None:
    evening = BusyEvening.begins(world)
    desk.signs_in(Role.VIEWER)
    all_is_looked_at(world)
    desk.opens("/admin/").shows(CALM)
    for kind in (
        NeedKind.PAYBILL_SUSPENSE,
        NeedKind.RESULT_TO_RESOLVE,
        NeedKind.VALUE_TO_APPROVE,
        NeedKind.SWITCH_OFF,
    ):
        evening.trouble[kind]()
    world.moves(minutes=3)
    page = desk.opens("/admin/").shows_not(CALM)
    page.shows("1 payment to the paybill is in suspense Find out whose money it is", "for 3 min")
    page.shows("1 result waits for a second person", "1 fee or limit waits for a second person")
    page.shows("Deposits are off Callers are told so.")
    page.shows_not(WANJIRU, STRANGER, "Otieno")


def test_each_need_has_its_words_for_one_for_many_and_for_very_many(world: World) -> None:
    moment = in_transaction(world.database, now)
    for kind in NeedKind:
        one, two, most = (
            said(Need(kind, count, moment, about="every transfer balances"), now=moment)
            for count in (1, 2, MOST_COUNTED)
        )
        assert "{" not in one.title + two.title, kind
        assert one.what_to_do.endswith("."), kind
        assert (one.page == "") == (one.link == ""), kind
        if two.title != one.title:
            assert "2" in two.title, kind
            assert "1,000 or more" in most.title, kind


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(seconds=59), "less than a minute"),
        (timedelta(minutes=5, seconds=40), "5 min"),
        (timedelta(hours=2), "2 h"),
        (timedelta(hours=23, minutes=59), "23 h 59 min"),
        (timedelta(days=1), "1 day"),
        (timedelta(days=3, hours=4), "3 days 4 h"),
        (timedelta(seconds=-5), "less than a minute"),
    ],
)
def test_an_age_is_told_in_its_largest_units(time: timedelta, words: str) -> None:
    assert span(time) == words


def test_money_today_is_what_moved_since_midnight_in_nairobi(desk: Desk, world: World) -> None:
    world.comes_to(9)
    desk.signs_in(Role.FINANCE)
    purse = Purse.of_a_new_player(world, phone=WANJIRU)
    deposit = purse.becomes_pending(kes(1_000))
    purse.hears(deposit, Paid(), receipt="2E45678901")
    purse.is_answered(deposit, Paid())
    world.has_player(OTIENO, name="Otieno Odhiambo")
    pays(world, account=OTIENO, amount=kes(500))
    market_id = world.has_market()
    bookmaker = Bookmaker(world)
    bookmaker.bets(WANJIRU, market_id, Side.YES, 300)
    bookmaker.bets(OTIENO, market_id, Side.NO, 100)
    page = desk.opens("/admin/")
    page.shows("Deposited 1,500", "Staked in 2 bets 400", "Paid to winners 0", "Our fees 0")
    page.shows("M-Pesa holds what belongs to users.", "KES 1,500")
    bookmaker.ends(market_id, Outcome.YES)
    teller = Teller(world, WANJIRU)
    teller.hears(teller.goes_out(kes(200)), PaidOut())
    page = desk.opens("/admin/")
    page.shows("Paid to winners 360", "Our fees 40", "Withdrawn 200")
    page.shows("wallets, held, staked, suspense KES 1,260")
    page.shows("M-Pesa holds what belongs to users, and KES 40 more.", "Fee revenue 40")
    world.moves(hours=24)
    desk.signs_in(Role.FINANCE)
    page = desk.opens("/admin/")
    page.shows("Deposited 0", "Staked in 0 bets 0", "Our fees 0")
    page.shows("wallets, held, staked, suspense KES 1,260")


def test_less_at_mpesa_than_belongs_to_users_is_said_first(desk: Desk, world: World) -> None:
    desk.signs_in(Role.FINANCE)
    world.has_player(WANJIRU, balance=kes(75))
    page = desk.opens("/admin/")
    page.shows("M-Pesa holds KES 75 less than belongs to users.", "Operator's capital -75")


def test_what_refreshes_itself_is_the_same_without_its_frame(desk: Desk, world: World) -> None:
    desk.signs_in(Role.SUPPORT)
    all_is_looked_at(world)
    assert 'data-live="/admin/live/home"' in desk.opens("/admin/").html
    part = desk.opens("/admin/live/home").shows(CALM, "Money today")
    assert "<html" not in part.html


def test_an_alarm_gets_the_name_of_who_takes_it(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    alarm_id = rings(world, "deposit:12", "Deposit 12: two receipts.")
    desk.signs_in(Role.FINANCE)
    desk.opens("/admin/").shows("Deposit 12: two receipts.", "Take")
    desk.sends(f"/admin/alarms/{alarm_id}/take").shows("The alarm is yours.").shows_not(
        "two receipts"
    )
    other = new_desk().signs_in(Role.FINANCE)
    other.sends(f"/admin/alarms/{alarm_id}/take").refuses(f"{desk.email} has taken that alarm.")
    assert world.count(f"alarm a JOIN admin m ON m.id = a.taken_by AND m.email = '{desk.email}'")
    assert world.count("audit_event WHERE act = 'alarm.taken'") == 1


def test_who_may_not_take_an_alarm_sees_no_button(desk: Desk, world: World) -> None:
    about_money = rings(world, "deposit:12", "Deposit 12: two receipts.")
    desk.signs_in(Role.RESOLVER)
    desk.opens("/admin/").shows("two receipts").shows_not("Take To take")
    desk.sends(f"/admin/alarms/{about_money}/take").refuses("the role resolver may not")
    about_a_market = rings(world, "market:101", "Market 101 waits for its result.")
    assert "Take</button>" in desk.opens("/admin/").html
    desk.sends(f"/admin/alarms/{about_a_market}/take").shows("The alarm is yours.")


def test_an_alarm_that_rings_again_says_how_often(desk: Desk, world: World) -> None:
    for _ in range(3):
        rings(world, "ledger", "Transfers wait for their seal.")
    desk.signs_in(Role.OWNER)
    desk.opens("/admin/").shows("Transfers wait for their seal. ledger · for", "3 times")


def test_the_page_never_reads_every_entry(desk: Desk, world: World) -> None:
    """What is summed up already is not read again: the page asks where the sums end."""
    world.has_player(WANJIRU, balance=kes(75))
    desk.signs_in(Role.OWNER)
    world.seals()
    with world.owner.begin() as connection:
        connection.execute(text("SELECT sum_next_blocks(1000)"))
        connection.execute(text("UPDATE day_sum SET credit_cents = credit_cents + 100"))
    desk.opens("/admin/").shows("wallets, held, staked, suspense KES 76")


def rings(world: World, subject: str, why: str) -> int:
    with world.database.begin() as connection:
        return raise_alarm(connection, kind="test", subject=subject, why=why)


@needs_chromium
def test_the_page_refreshes_itself_while_somebody_looks(
    desk: Desk, new_page: Callable[..., Page], world: World
) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled(Role.FINANCE)
    page = new_page()
    page.clock.install()
    page.goto("/admin/")
    for name, said_of in (("email", desk.email), ("password", PASSWORD), ("code", desk.code())):
        page.fill(f"[name={name}]", said_of)
    page.click("main button")
    expect(page.get_by_role("heading", name="What needs a person")).to_be_visible()
    rings(world, "deposit:12", "Deposit 12: two receipts.")
    expect(page.get_by_text("two receipts")).to_be_hidden()
    page.clock.fast_forward(5_100)
    expect(page.get_by_text("two receipts")).to_be_visible()
    page.get_by_role("button", name="Take").click()
    expect(page.get_by_text("The alarm is yours.")).to_be_visible()
