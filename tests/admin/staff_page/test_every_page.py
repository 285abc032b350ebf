"""Every page in a real browser, wide and light, narrow and dark: axe, the keyboard, the console."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, ViewportSize

from admin.access import Door
from laptop.engines import Engines
from tests.admin.staff_page.busy_people import OWNER
from tests.admin.staff_page.busy_service import BusyService, busy_service
from tests.admin.staff_page.clerk import Clerk
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.every_path import paths
from tests.chromium import needs_chromium
from tests.conftest import TEMPLATE

pytestmark = [pytest.mark.browser, needs_chromium]

JUDGE: Final = Path(__file__).with_name("judge.js").read_text()
WIDE: Final[ViewportSize] = {"width": 1280, "height": 900}
NARROW: Final[ViewportSize] = {"width": 390, "height": 844}
SERIOUS: Final = {"serious", "critical"}


@pytest.fixture(scope="module")
def service(engines: Engines) -> Iterator[BusyService]:
    with busy_service(engines, template=TEMPLATE) as service:
        yield service


@pytest.fixture(scope="module")
def page(chromium_of_staff: Browser, service: BusyService) -> Iterator[Page]:
    """A browser's page where an owner has signed in."""
    context = chromium_of_staff.new_context(base_url=service.address, viewport=WIDE)
    context.set_default_timeout(20_000)
    page = context.new_page()
    Clerk(page, Desk(service.day.world, service.app.test_client())).signs_in(email=OWNER)
    yield page
    context.close()


def test_every_page(service: BusyService, page: Page) -> None:
    said: list[str] = []
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    wrong = [
        f"{endpoint} at {path}: {fault}"
        for endpoint, path in paths(service, Door.SIGNED_IN, Door.OPEN).items()
        for fault in faults_of(page, path, said)
    ]
    assert not wrong, "\n".join(wrong)


def faults_of(page: Page, path: str, said: list[str]) -> Iterator[str]:
    answer = page.context.request.get(path)
    if answer.status != 200:
        yield f"status {answer.status}"
        return
    if "<h1" not in answer.text():
        # A file, or a part of a page.
        return
    said.clear()
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(WIDE)
    page.goto(path)
    yield from (f"wide, {fault}" for fault in judged(page))
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(NARROW)
    yield from (f"narrow and dark, {fault}" for fault in judged(page))
    yield from (f"the console says {line}" for line in said)


def judged(page: Page) -> Iterator[str]:
    yield from page.evaluate(JUDGE)
    for violation in Axe().run(page).response["violations"]:
        if violation["impact"] in SERIOUS:
            parts = "; ".join(
                f"{each['target']} {each['html'][:120]}" for each in violation["nodes"][:3]
            )
            yield f"axe, {violation['id']}: {parts}"
