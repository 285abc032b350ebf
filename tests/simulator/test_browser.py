"""The phone in the browser, as a person uses it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.chromium import chromium, needs_chromium
from tests.simulator.merchant import Merchant
from tests.simulator.remote import PHONE, Remote
from tests.simulator.service import FakeService
from tests.simulator.test_sms import send

OTHER = "+254700000002"
# Long, for the tests beside this one may have the processors.
PATIENCE_SECONDS = 20

pytestmark = [
    pytest.mark.browser,
    needs_chromium,
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def complaints() -> list[str]:
    """What the browser's console complains of, such as a breach of the content policy."""
    return []


@pytest.fixture
def page(browser: Browser, remote: Remote, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    expect.set_options(timeout=PATIENCE_SECONDS * 1000)
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda message: complaints.append(message.text) if message.type == "error" else None,
    )
    page.goto(remote.url)
    # Keys and focus, other than clicks, are not held back for a page that still begins.
    expect(page.get_by_test_id("open-faults")).to_be_enabled()
    yield page
    context.close()
    assert complaints == []


@pytest.fixture
def handset(page: Page) -> Locator:
    return page.locator(f"[data-phone='{PHONE}']")


def press(handset: Locator, *keys: str) -> None:
    for key in keys:
        handset.get_by_test_id(key).click()


def shows(handset: Locator, words: str) -> None:
    expect(handset.get_by_test_id("screen")).to_contain_text(words)


def test_a_menu_is_walked_with_the_mouse_alone(handset: Locator) -> None:
    press(handset, "key-call")
    shows(handset, "Welcome")
    press(handset, "key-1", "softkey-left")
    shows(handset, "Which?")
    press(handset, "key-letters", "letter-J", "letter-O", "letter-space", "letter-A")
    expect(handset.get_by_test_id("input")).to_have_value("Jo A")
    press(handset, "key-erase", "softkey-left")
    shows(handset, "You typed 1*Jo ")
    press(handset, "key-end")
    shows(handset, "Dial")


def test_a_menu_is_walked_with_the_keyboard_alone(page: Page, handset: Locator) -> None:
    expect(handset.get_by_test_id("dial-hint")).to_be_visible()
    page.keyboard.type("*384*2030*1#")
    page.keyboard.press("Enter")
    shows(handset, "Which?")
    page.keyboard.type("Jane Doe")
    page.keyboard.press("Enter")
    shows(handset, "You typed 1*Jane Doe")
    page.keyboard.press("Escape")
    shows(handset, "Dial")


def test_a_long_code_may_arrive_as_it_was_dialled(
    page: Page, handset: Locator, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", dialled_digits="service_code")
    expect(handset.get_by_test_id("dial-hint")).to_be_visible()
    page.keyboard.type("*384*2030*1#")
    page.keyboard.press("Enter")
    shows(handset, "Welcome")
    form = service.hops.get(timeout=20).form
    assert (form["serviceCode"], form["text"]) == ("*384*2030*1#", "")


def test_the_last_page_stays_until_ok(handset: Locator) -> None:
    press(handset, "key-call")
    shows(handset, "Welcome")
    press(handset, "key-2", "softkey-left")
    shows(handset, "Goodbye")
    expect(handset.get_by_test_id("input")).to_have_count(0)
    press(handset, "softkey-left")
    shows(handset, "Dial")


def test_an_sms_can_be_read_beside_an_open_dialog(handset: Locator, remote: Remote) -> None:
    press(handset, "key-call")
    shows(handset, "Welcome")
    press(handset, "key-1")
    send(remote, message="Your code is 482913")
    expect(handset.get_by_test_id("sms-toast")).to_contain_text("482913")
    shows(handset, "Welcome")
    expect(handset.get_by_test_id("input")).to_have_value("1")
    press(handset, "key-end")
    shows(handset, "1 new message")
    press(handset, "softkey-left")
    shows(handset, "Your code is 482913")
    press(handset, "softkey-right")
    expect(handset.get_by_test_id("inbox")).to_contain_text("KIBEEZY")


def test_the_prompt_is_paid_with_a_masked_pin(
    handset: Locator, remote: Remote, merchant: Merchant
) -> None:
    merchant.pushed()
    prompt = handset.get_by_test_id("prompt")
    expect(prompt).to_contain_text("Do you want to pay KES 1,000 to KIBEEZY account KB7F2M?")
    expect(handset.get_by_test_id("prompt-pin")).to_have_attribute("type", "password")
    press(handset, "key-1", "key-2", "key-3", "key-4", "prompt-ok")
    shows(handset, "paid")
    expect(handset.get_by_test_id("wallet")).to_contain_text("KES 49,000")
    assert len(remote.get("/control/journal")) == 1


def test_the_prompt_comes_over_the_last_page_of_a_dialog(
    handset: Locator, merchant: Merchant
) -> None:
    press(handset, "key-call")
    shows(handset, "Welcome")
    press(handset, "key-2", "softkey-left")
    shows(handset, "Goodbye")
    merchant.pushed()
    expect(handset.get_by_test_id("prompt")).to_be_visible()
    handset.get_by_test_id("prompt-pin").fill("1111")
    press(handset, "prompt-ok")
    shows(handset, "wrong PIN")
    press(handset, "softkey-left")
    shows(handset, "Dial")


def test_a_prompt_is_cancelled_with_the_soft_key(
    handset: Locator, remote: Remote, merchant: Merchant
) -> None:
    merchant.pushed()
    expect(handset.get_by_test_id("prompt")).to_be_visible()
    press(handset, "softkey-right")
    shows(handset, "No money was taken")
    assert remote.get("/control/pushes")[0]["result_code"] == 1032


def test_a_message_is_written_to_the_short_code(handset: Locator, remote: Remote) -> None:
    press(handset, "softkey-right")
    press(handset, "letter-B", "letter-A", "letter-L", "softkey-left")
    shows(handset, "Message sent")
    [sent] = remote.handset()["sent"]
    assert (sent["to"], sent["text"]) == ("20300", "Bal")


def test_a_second_phone_has_a_dialog_of_its_own(
    page: Page, handset: Locator, remote: Remote
) -> None:
    page.get_by_test_id("add-phone").click()
    page.get_by_test_id("add-phone-ok").click()
    other = page.locator(f"[data-phone='{OTHER}']")
    press(other, "key-call")
    shows(other, "Welcome")
    shows(handset, "Dial")
    assert remote.handset(OTHER)["open"] is True
    page.reload()
    shows(other, "Welcome")
    expect(page.locator("[data-phone]")).to_have_count(2)


def test_nothing_is_wider_than_a_small_screen(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
