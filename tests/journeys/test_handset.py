"""The handset in the browser, from sign-up to payout, as a person uses it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from core.money import kes
from tests.chaos.street import PATIENCE_SECONDS, Street
from tests.chromium import chromium, needs_chromium
from tests.journeys.handset import code_on, handset
from tests.world import ASHA, BARAKA, PIN

WANJIRU, OTIENO = "+254700000001", "+254700000002"
MPESA_PIN = "1234"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    needs_chromium,
]


@pytest.fixture
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, street: Street) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(street.remote.url)
    yield page
    context.close()
    assert complaints == []


def presses(phone: Locator, *keys: str) -> None:
    for key in keys:
        phone.get_by_test_id(key).click()


def answers(phone: Locator, page: Page, typed: str, *, then: str) -> None:
    """Type on the page that is shown and send it; wait for the next."""
    expect(phone.get_by_test_id("input")).to_be_visible()
    phone.get_by_test_id("input").focus()
    page.keyboard.type(typed)
    presses(phone, "softkey-left")
    shows(phone, then)


def shows(phone: Locator, words: str) -> None:
    expect(phone.get_by_test_id("screen")).to_contain_text(words)


def signs_up(street: Street, phone: Locator, page: Page) -> None:
    presses(phone, "key-call")
    shows(phone, "Welcome to Kibeezy")
    answers(phone, page, "1", then="full name")
    answers(phone, page, "Wanjiru Kamau", then="Are you 18 or older?")
    answers(phone, page, "1", then="Choose a 4-digit PIN")
    answers(phone, page, PIN, then="Enter the PIN again")
    answers(phone, page, PIN, then="the 6-digit code")
    expect(phone.get_by_test_id("sms-toast")).to_contain_text("is your Kibeezy code")
    answers(phone, page, code_on(street, WANJIRU), then="Your number is verified.")


def deposits(street: Street, phone: Locator, page: Page) -> None:
    answers(phone, page, "2", then="Deposit how much?")
    answers(phone, page, "1000", then="wait for the M-Pesa prompt")
    expect(phone.get_by_test_id("prompt")).to_contain_text("Do you want to pay KES 1,000")
    presses(phone, *(f"key-{digit}" for digit in MPESA_PIN), "prompt-ok")
    shows(phone, "paid")
    expect(phone.get_by_test_id("wallet")).to_contain_text("KES 49,000")
    street.await_wallet(WANJIRU, kes(1000))
    expect(phone.get_by_test_id("sms-toast")).to_contain_text("Deposit of KES 1,000 received")
    presses(phone, "softkey-left")


def bets(phone: Locator, page: Page) -> None:
    presses(phone, "key-call")
    shows(phone, "1. Bet")
    answers(phone, page, "1", then="Gor Mahia wins")
    answers(phone, page, "1", then="Will Gor Mahia win on Sunday?")
    answers(phone, page, "1", then="How much on YES?")
    answers(phone, page, "100", then="KES 100 on YES")
    answers(phone, page, PIN, then="Bet placed. Ref ")
    shows(phone, "Balance KES 900")
    presses(phone, "softkey-left")


def test_from_sign_up_to_payout(street: Street, page: Page) -> None:
    market_id = street.world.has_market(label="Gor Mahia wins")
    phone = page.locator(f"[data-phone='{WANJIRU}']")
    signs_up(street, phone, page)
    deposits(street, phone, page)
    bets(phone, page)
    street.world.has_player(OTIENO, balance=kes(500))
    other = handset(street, OTIENO)
    other.dial().choose("Bet").choose("Gor Mahia").choose("NO").type("200").type(PIN)
    other.shows("Bet placed")

    street.types("market", "close", str(market_id), "--by", ASHA)
    seen = ("--evidence", "Seen on the news")
    street.types("market", "propose", str(market_id), "yes", *seen, "--by", ASHA)
    street.types("market", "resolve", str(market_id), "--by", BARAKA)

    toast = phone.get_by_test_id("sms-toast")
    expect(toast).to_contain_text("paid KES 270. Balance KES 1,170.")
    presses(phone, "key-call")
    shows(phone, "5. My account")
    answers(phone, page, "5", then="1. Balance")
    answers(phone, page, "1", then="Enter your PIN")
    answers(phone, page, PIN, then="KES 1,170")
    assert "The ledger is sound" in street.types("ledger", "verify")
