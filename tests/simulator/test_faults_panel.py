"""The panel of faults and the clock in the browser, as a person uses it."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.chromium import needs_chromium
from tests.simulator.merchant import Merchant
from tests.simulator.remote import Remote
from tests.simulator.test_browser import browser, complaints, handset, page, press, shows

__all__ = ["browser", "complaints", "handset", "page"]

pytestmark = [pytest.mark.browser, needs_chromium]


@pytest.fixture
def panel(page: Page) -> Locator:
    page.get_by_test_id("open-faults").click()
    panel = page.get_by_role("region", name="Faults")
    expect(panel).to_be_visible()
    return panel


def test_a_fault_is_switched_on_and_off(
    panel: Locator, handset: Locator, page: Page, remote: Remote
) -> None:
    panel.get_by_label("What goes wrong: USSD").select_option("drop")
    expect(panel).to_contain_text("never reaches the service")
    expect(page.get_by_test_id("open-faults")).to_have_text("! Faults1")
    assert remote.get("/control/faults")["ussd"]["times"] == 1
    page.keyboard.press("Escape")
    press(handset, "key-call")
    shows(handset, "Connection problem or invalid MMI code.")
    page.get_by_test_id("open-faults").click()
    expect(panel.get_by_label("What goes wrong: USSD")).to_have_value("")
    expect(panel.get_by_test_id("clear-faults")).to_be_disabled()


def test_how_often_is_chosen_before_or_after(panel: Locator, remote: Remote) -> None:
    panel.get_by_label("How often: Push").select_option("5")
    panel.get_by_label("What goes wrong: Push").select_option("busy")
    expect(panel).to_contain_text("5 to come")
    panel.get_by_label("How often: Push").select_option("always")
    expect(panel).to_contain_text("until cleared")
    assert remote.get("/control/faults")["push"]["times"] is None


def test_everything_is_cleared_at_once(panel: Locator, remote: Remote) -> None:
    remote.put("/control/faults", push="busy", callback="drop")
    expect(panel.get_by_label("What goes wrong: Callback")).to_have_value("drop")
    panel.get_by_test_id("clear-faults").click()
    expect(panel.get_by_test_id("clear-faults")).to_be_disabled()
    assert remote.get("/control/faults") == {}


def test_the_clock_is_stopped_moved_and_let_run(
    panel: Locator, handset: Locator, remote: Remote, merchant: Merchant
) -> None:
    remote.put("/control/clock", stands_at="2026-11-25T06:00:00+03:00")
    merchant.pushed()
    expect(panel.get_by_test_id("clock")).to_contain_text("25 Nov, 06:00:00")
    panel.get_by_test_id("add-minute").click()
    expect(panel.get_by_test_id("clock")).to_contain_text("06:01:00")
    panel.get_by_test_id("add-hour").click()
    expect(panel.get_by_test_id("clock")).to_contain_text("07:01:00")
    shows(handset, "07:01")
    assert remote.get("/control/callbacks")[0]["body"]["Body"]["stkCallback"]["ResultCode"] == 1037
    panel.get_by_test_id("stop-clock").click()
    expect(panel.get_by_test_id("clock")).to_have_text("Runs by this machine")
    expect(panel.get_by_test_id("add-hour")).to_be_hidden()
    assert remote.get("/control/clock")["stands"] is False


def test_the_panel_is_worked_by_the_keyboard_alone(
    page: Page, handset: Locator, remote: Remote
) -> None:
    page.get_by_test_id("open-faults").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("What goes wrong: USSD")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("region", name="Faults")).to_contain_text("sent twice")
    assert remote.get("/control/faults")["ussd"]["fault"] == "repeat"
    page.keyboard.press("Escape")
    expect(page.get_by_role("region", name="Faults")).to_be_hidden()
    expect(page.get_by_test_id("open-faults")).to_be_focused()
    page.keyboard.type("*384*2030#")
    expect(handset.get_by_test_id("input")).to_have_value("*384*2030#")


def test_a_panel_opened_before_its_rows_came_takes_the_focus_when_they_come(page: Page) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/control/faults/known", hold)
    with page.expect_request("**/control/faults/known"):
        page.reload()
    page.get_by_test_id("open-faults").click()
    expect(page.get_by_role("region", name="Faults")).to_be_visible()
    expect(page.get_by_label("What goes wrong: USSD")).to_have_count(0)
    held[0].continue_()
    expect(page.get_by_label("What goes wrong: USSD")).to_be_focused()


def test_the_panel_fits_a_small_screen(page: Page, panel: Locator) -> None:
    page.set_viewport_size({"width": 360, "height": 640})
    box = panel.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
