"""The one-time codes of a demo's staff: shown where `make run` gave the phones, and only there."""

import re
import time
from collections.abc import Iterator

import pyotp
import pytest
import requests
from playwright.sync_api import Browser, expect

from simulator.config import Config, ConfigError, config_from_environment
from simulator.server import serve_in_thread
from simulator.staff_phones import StaffPhone
from tests.chromium import needs_chromium
from tests.simulator.remote import Remote
from tests.simulator.test_browser import browser

__all__ = ["browser"]

ASHA, BARAKA = "asha@demo.kibeezy.test", "baraka@demo.kibeezy.test"
SECRETS = {ASHA: "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP", BARAKA: "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"}


@pytest.fixture
def demo() -> Iterator[str]:
    """The address of a simulator that two admins have left their phones with."""
    phones = tuple(StaffPhone(email=email, secret=secret) for email, secret in SECRETS.items())
    running = serve_in_thread(Config(port=0, staff_phones=phones))
    yield running.url
    running.stop()


def test_each_phone_shows_what_its_app_would(demo: str) -> None:
    before = int(time.time())
    shown = requests.get(f"{demo}/control/staff-codes", timeout=5).json()
    after = int(time.time())
    assert [each["email"] for each in shown] == [ASHA, BARAKA]
    for each in shown:
        app = pyotp.TOTP(SECRETS[each["email"]])
        assert each["code"] in {app.at(before), app.at(after)}
        assert each["seconds_left"] in {30 - before % 30, 30 - after % 30}
    assert not any(secret in str(shown) for secret in SECRETS.values())


def test_nobodys_phone_is_no_panel(remote: Remote) -> None:
    assert remote.get("/control/staff-codes") == []


def test_the_phones_come_from_the_environment() -> None:
    listed = '[{"email": "asha@demo.kibeezy.test", "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"}]'
    [phone] = config_from_environment({"STAFF_PHONES": listed}).staff_phones
    assert phone.code_at(1_111_111_109) == pyotp.TOTP(SECRETS[ASHA]).at(1_111_111_109)
    assert SECRETS[ASHA] not in repr(phone)
    assert config_from_environment({}).staff_phones == ()
    for wrong in ("{", "[1]", '[{"email": "a"}]', '[{"email": "a", "secret": "!"}]'):
        with pytest.raises(ConfigError, match="STAFF_PHONES"):
            config_from_environment({"STAFF_PHONES": wrong})


@pytest.mark.browser
@needs_chromium
def test_the_panel_is_opened_read_and_copied_from(browser: Browser, demo: str) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 700})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(demo)
    page.get_by_test_id("open-staff").click()
    panel = page.get_by_role("region", name="Staff: one-time codes")
    expect(panel.get_by_label(f"Code of {ASHA}", exact=True)).to_have_text(
        re.compile(r"^\d{3} \d{3}$")
    )
    expect(panel.get_by_label(f"Copy the code of {ASHA}")).to_be_focused()
    page.keyboard.press("Enter")
    expect(panel.get_by_label(f"Copy the code of {ASHA}")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert pyotp.TOTP(SECRETS[ASHA]).verify(copied, valid_window=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_test_id("open-staff")).to_be_focused()
    context.close()
