"""What people do at the staff page, each in a browser of their own."""

from collections.abc import Callable

import pyotp
import pytest
from playwright.sync_api import expect

from core.database import in_transaction, now
from core.staff.enrol import invite
from core.staff.records import Role
from tests.admin.staff_page.clerk import Clerk
from tests.admin.staff_page.desk import PASSWORD
from tests.chromium import needs_chromium
from tests.world import World

pytestmark = [pytest.mark.browser, needs_chromium]


def test_who_was_invited_scans_the_picture_and_is_in(
    new_clerk: Callable[..., Clerk], world: World
) -> None:
    clerk = new_clerk()
    page, clerk.desk.email = clerk.page, "njoki@kibeezy.test"
    invited = world.has_admin(clerk.desk.email, Role.SUPPORT)
    key = world.settings.staff_key
    code = in_transaction(world.database, lambda c: invite(c, invited=invited, by="test", key=key))

    page.goto("/admin/sign-in")
    page.get_by_role("link", name="I have an enrolment code").click()
    page.get_by_label("E-mail").fill(clerk.desk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("Enrolment code").fill(code)
    page.get_by_role("button", name="Go on").click()
    picture = page.get_by_role("img", name="QR code of your second factor")
    # An app reads dark squares on a light ground, also where the page is dark.
    page.emulate_media(color_scheme="dark")
    assert (
        picture.evaluate("part => getComputedStyle(part).backgroundColor") == "rgb(255, 255, 255)"
    )
    page.get_by_text("show it as letters").click()
    secret = page.locator(".mono").inner_text().replace(" ", "")
    shown = pyotp.TOTP(secret).at(int(in_transaction(world.database, now).timestamp()))
    page.get_by_label("The code the app shows now").fill(shown)
    page.get_by_role("button", name="Finish").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Keep these on paper")
    recovery_codes = page.locator(".codes code").all_inner_texts()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.get_by_role("button", name="Sign out").click()

    # The phone is gone: a code from the paper opens, once.
    page.get_by_label("E-mail").fill(clerk.desk.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_label("One-time code").fill(recovery_codes[0])
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name=clerk.desk.email)).to_be_visible()
