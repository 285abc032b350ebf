"""With JavaScript: the button waits for the words, and progress comes by itself."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from core.database import in_transaction
from core.markets.rules import Outcome
from core.markets.settle_market import begin_settlement, finish_settlement, settle_chunk
from core.staff.records import Role
from tests.admin.staff_page.desk import PASSWORD, Desk
from tests.admin.staff_page.resolving.steps import page as resolving
from tests.chromium import needs_chromium
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World


@needs_chromium
def test_the_button_waits_for_the_words_and_the_bar_moves_by_itself(
    desk: Desk, new_page: Callable[..., Page], world: World, bookmaker: Bookmaker, market: int
) -> None:
    bookmaker.proposes(market, Outcome.YES)
    desk.email = "daudi@kibeezy.test"
    desk.is_enrolled(Role.RESOLVER)
    page = new_page(viewport={"width": 390, "height": 800})
    faults: list[str] = []
    page.on("console", lambda said: faults.append(said.text) if said.type == "error" else None)
    page.goto("/admin/sign-in")
    page.fill("[name=email]", desk.email)
    page.fill("[name=password]", PASSWORD)
    page.fill("[name=code]", desk.code())
    page.click("button")
    page.wait_for_url("**/admin/")
    page.goto(f"/admin/markets/{market}/charts")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    box = page.locator(".chart-frame .line.yes").first.bounding_box()
    assert box is not None
    assert box["width"] > 200
    page.goto(resolving(market))
    button = page.get_by_role("button", name="Resolve and pay")
    expect(button).to_be_disabled()
    page.get_by_label(f"Type {market} YES to confirm").fill(f"{market} no")
    expect(button).to_be_disabled()
    page.get_by_label(f"Type {market} YES to confirm").fill(f"{market} yes")
    button.click()
    page.wait_for_url("**/settling*")
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "0")
    in_transaction(world.database, lambda c: begin_settlement(c, market_id=market))
    in_transaction(world.database, lambda c: settle_chunk(c, market_id=market, limit=2))
    expect(page.get_by_role("progressbar")).to_have_attribute("value", "2")
    in_transaction(world.database, lambda c: settle_chunk(c, market_id=market))
    in_transaction(world.database, lambda c: finish_settlement(c, market_id=market))
    expect(page.get_by_text(f"Market {market} is settled: YES.")).to_be_visible()
    assert faults == []
