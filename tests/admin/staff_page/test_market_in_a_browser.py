"""A market from its draft to the money in the wallets, by two admins in two browsers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app import Wiring
from core.money import Money, kes
from core.staff.records import Role
from tests.admin.staff_page.clerk import Clerk
from tests.chromium import needs_chromium
from tests.phone import Phone
from tests.world import PIN, World

pytestmark = [pytest.mark.browser, needs_chromium]

AMINA, BRIAN, CAROL = "+254712345678", "+254112345678", "+254722345678"
QUESTION = "Will Gor Mahia beat AFC Leopards on Sunday?"
STAKES = {AMINA: ("YES", 200), BRIAN: ("YES", 150), CAROL: ("NO", 100)}
NewClerk = Callable[..., Clerk]
PhoneOf = Callable[[str], Phone]


@contextmanager
def working(app: Flask) -> Iterator[None]:
    """The service's own worker is at work."""
    wiring = app.extensions["kibeezy"]
    assert isinstance(wiring, Wiring)
    ends = Event()
    rest = {"rest": lambda seconds: ends.wait(seconds) and None}
    thread = Thread(target=wiring.worker().run_until, args=(ends,), kwargs=rest)
    thread.start()
    yield
    ends.set()
    thread.join()


def acts(page: Page, words: str, **fields: str) -> None:
    """Open one of the acts of a market's page, fill its form in and send it."""
    act = page.locator("details.act").filter(has=page.get_by_text(words, exact=True)).first
    if act.get_attribute("open") is None:
        act.locator("> summary").click()
    for name, value in fields.items():
        field = act.locator(f"[name={name}]")
        if field.evaluate("part => part.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    act.get_by_role("button", name=words).click()


def paid_by_yes() -> dict[str, Money]:
    """Nine tenths of the pool for the winners by stake, in whole cents, rounded down."""
    pool = 100 * sum(stake for _, stake in STAKES.values())
    winners = {phone: stake for phone, (side, stake) in STAKES.items() if side == "YES"}
    left, staked = pool - pool // 10, sum(winners.values())
    return {phone: Money(left * stake // staked) for phone, stake in winners.items()}


def test_from_draft_to_settled(
    app: Flask, world: World, new_clerk: NewClerk, phone_of: PhoneOf
) -> None:
    for phone in STAKES:
        world.has_player(phone, balance=kes(1_000))
    maker = new_clerk().signs_in(Role.RESOLVER, "asha@kibeezy.test").page
    other = new_clerk(viewport={"width": 390, "height": 844}).signs_in(
        Role.RESOLVER, "baraka@kibeezy.test"
    )

    maker.get_by_role("link", name="Markets").click()
    maker.get_by_role("link", name="New market").click()
    maker.get_by_label("Question").fill(f"{QUESTION} Or will it draw after all?")
    expect(maker.locator("#f-question-count")).to_contain_text("too many")
    maker.get_by_label("Question").fill(QUESTION)
    maker.get_by_label("Name in lists").fill("Gor beat Leopards")
    # The phones are drawn anew while one types, in both languages.
    for language in ("English", "Kiswahili"):
        expect(maker.get_by_label(language).first).to_contain_text("Leopards on Sunday?")
    maker.get_by_role("button", name="Write the draft").click()
    maker.get_by_text("The draft is written. Somebody else approves it.").wait_for()

    other.page.get_by_role("link", name="Markets").click()
    other.page.get_by_role("link", name=QUESTION).click()
    acts(other.page, "Approve and open")
    other.page.get_by_text("The market is open").wait_for()

    for phone, (side, stake) in STAKES.items():
        dialled = phone_of(phone).dial().choose("Bet").choose("Gor beat").choose(side)
        dialled.type(str(stake)).type(PIN).shows("Bet placed")

    maker.reload()
    acts(maker, "Close now")
    acts(maker, "Propose the result", outcome="yes", evidence="The federation's match report")
    maker.get_by_text("Proposed. Another admin must resolve it.").wait_for()
    resolves(other)
    other.page.get_by_text("The plan stands, and the worker pays it now.").wait_for()
    expect(other.page.get_by_role("progressbar")).to_be_visible()
    with working(app):
        expect(other.page.get_by_text("is settled: YES")).to_be_visible()
    maker.goto(maker.url.partition("?")[0])
    expect(maker.locator(".badge").get_by_text("settled")).to_be_visible()
    for phone, (_, stake) in STAKES.items():
        assert world.wallet(phone) == kes(1_000 - stake) + paid_by_yes().get(phone, kes(0))


def resolves(clerk: Clerk) -> None:
    """Read what it pays, prove who one is, and type what is meant."""
    page = clerk.page
    clerk.desk.world.moves(minutes=11)
    page.reload()
    page.get_by_role("link", name="Resolve: look at the payouts").click()
    for paid in paid_by_yes().values():
        expect(page.get_by_role("main")).to_contain_text(str(paid).removeprefix("KES "))
    button = page.get_by_role("button", name="Resolve and pay")
    expect(button).to_be_disabled()
    words = page.get_by_label("to confirm")
    words.fill(str(words.get_attribute("data-confirm")))
    page.get_by_label("Your password").fill(clerk.password)
    page.get_by_label("One-time code").fill(clerk.desk.code())
    button.click()


def test_closed_and_proposed_without_a_script(world: World, new_clerk: NewClerk) -> None:
    market_id = world.has_market()
    page = new_clerk(java_script_enabled=False).signs_in(Role.RESOLVER).page
    page.goto(f"/admin/markets/{market_id}")
    acts(page, "Close now")
    page.get_by_text("It takes no more bets. Next: propose its result.").wait_for()
    acts(page, "Propose the result", outcome="no", evidence="It rained: no match")
    page.get_by_text("Proposed. Another admin must resolve it.").wait_for()
    page.goto(f"/admin/markets/{market_id}/resolve")
    expect(page.get_by_text("Not for you, or not now.")).to_be_visible()
