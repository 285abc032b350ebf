"""`python -m tests.admin.staff_page.screenshots docs/staff`: pictures of the page on a busy day.

With `--every` it takes each page there is, wide and light, then narrow and dark: to look at.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from playwright.sync_api import Page, ViewportSize

from admin.access import Door
from laptop.engines import create_database, temporary_engines
from tests.admin.staff_page.busy_day import BusyDay
from tests.admin.staff_page.busy_people import OWNER
from tests.admin.staff_page.busy_service import BusyService, busy_service
from tests.admin.staff_page.clerk import Clerk
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.every_path import paths
from tests.chromium import CHROMIUM, chromium

TEMPLATE: Final = "kibeezy_pictures"
WIDE: Final[ViewportSize] = {"width": 1280, "height": 720}
LOW: Final[ViewportSize] = {"width": 1280, "height": 620}
NARROW: Final[ViewportSize] = {"width": 390, "height": 780}


@dataclass(frozen=True)
class Picture:
    """One of the pictures in the documents."""

    name: str
    path: Callable[[BusyDay], str]
    viewport: ViewportSize
    is_dark: bool = False


PICTURES: Final = (
    Picture("home", lambda _day: "/admin/", LOW),
    Picture("market", lambda day: f"/admin/markets/{day.markets['derby']}", WIDE),
    Picture("charts", lambda day: f"/admin/markets/{day.markets['derby']}/charts", WIDE, True),
    Picture("editor", lambda day: f"/admin/markets/{day.markets['mashemeji']}/edit", LOW),
    Picture("resolve", lambda day: f"/admin/markets/{day.markets['tusker']}/resolve", WIDE),
    Picture(
        "withdrawal",
        lambda day: f"/admin/payments/withdrawals/{day.withdrawals['no account']}",
        WIDE,
    ),
    Picture("payments-phone", lambda _day: "/admin/payments?q=0710000013", NARROW),
    Picture("home-phone", lambda _day: "/admin/", NARROW, True),
)


def main() -> int:
    """Return 0, or 2 where there is no browser."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--every", action="store_true", help="each page, as long as it is")
    asked = parser.parse_args()
    if CHROMIUM is None:
        sys.stderr.write("It needs Chromium: apt-get install chromium\n")
        return 2
    asked.folder.mkdir(parents=True, exist_ok=True)
    with _service() as service, _signed_in(service) as page:
        (_take_every if asked.every else _take_pictures)(service, page, asked.folder)
    return 0


@contextmanager
def _service() -> Iterator[BusyService]:
    with temporary_engines() as engines:
        create_database(engines=engines, name=TEMPLATE)
        app_url, owner_url = engines.urls_of(database=TEMPLATE)
        config = Config("alembic.ini")
        config.attributes["urls"] = (owner_url, app_url)
        command.upgrade(config, "head")
        with busy_service(engines, template=TEMPLATE) as service:
            yield service


@contextmanager
def _signed_in(service: BusyService) -> Iterator[Page]:
    with chromium() as browser:
        context = browser.new_context(
            base_url=service.address, viewport=WIDE, locale="en-GB", timezone_id="Africa/Nairobi"
        )
        page = context.new_page()
        Clerk(page, Desk(service.day.world, service.app.test_client())).signs_in(email=OWNER)
        yield page
        context.close()


def _take_pictures(service: BusyService, page: Page, folder: Path) -> None:
    for picture in PICTURES:
        page.emulate_media(color_scheme="dark" if picture.is_dark else "light")
        page.set_viewport_size(picture.viewport)
        page.goto(picture.path(service.day))
        page.screenshot(path=folder / f"{picture.name}.png")


def _take_every(service: BusyService, page: Page, folder: Path) -> None:
    for endpoint, path in paths(service, Door.SIGNED_IN, Door.OPEN).items():
        if "<h1" not in page.context.request.get(path).text():
            continue
        page.goto(path)
        name = endpoint.removeprefix("admin.")
        for look, viewport in (("light", WIDE), ("dark", NARROW)):
            page.emulate_media(color_scheme=look)  # type: ignore[arg-type]
            page.set_viewport_size(viewport)
            page.screenshot(path=folder / f"{name}_{look}.png", full_page=True)


if __name__ == "__main__":
    sys.exit(main())
