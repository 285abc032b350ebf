"""Paying the paybill from the phone in the browser, as a person does it."""

import json

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.chromium import needs_chromium
from tests.simulator.remote import Remote
from tests.simulator.service import FakeService
from tests.simulator.test_browser import browser, complaints, handset, page

__all__ = ["browser", "complaints", "handset", "page"]

pytestmark = [pytest.mark.browser, needs_chromium]


def test_a_bill_is_paid_by_keyboard(
    handset: Locator, page: Page, remote: Remote, service: FakeService
) -> None:
    handset.get_by_test_id("pay-bill").press("Enter")
    form = handset.get_by_role("group", name="Pay bill")
    expect(form.get_by_label("Account number")).to_have_value("0700000001")
    form.get_by_label("Account number").fill("KB7F2M")
    form.get_by_label("KES").fill("750")
    page.keyboard.press("Enter")
    expect(form).to_be_hidden()
    expect(handset.get_by_test_id("sms-toast")).to_contain_text("Ksh750.00 sent to KIBEEZY")
    expect(handset.get_by_test_id("wallet")).to_contain_text("49,250")
    confirmed = json.loads(service.callbacks.get(timeout=20).body)
    assert (confirmed["BillRefNumber"], confirmed["TransAmount"]) == ("KB7F2M", "750.00")
    assert remote.handset()["dialog"] is None


def test_what_is_no_amount_is_not_sent(handset: Locator, page: Page, remote: Remote) -> None:
    handset.get_by_test_id("pay-bill").click()
    form = handset.get_by_role("group", name="Pay bill")
    form.get_by_label("KES").fill("7.5")
    form.get_by_test_id("pay-bill-ok").click()
    expect(form).to_contain_text("whole shillings")
    page.keyboard.press("Escape")
    expect(form).to_be_hidden()
    expect(handset.get_by_test_id("pay-bill")).to_be_focused()
    assert remote.get("/control/journal") == []


def test_a_payment_that_the_business_refuses_says_so(
    handset: Locator, remote: Remote, service: FakeService
) -> None:
    remote.put("/control/settings", c2b_validation=True)
    service.says_to_callbacks = '{"ResultCode": "C2B00012"}'
    handset.get_by_test_id("pay-bill").click()
    handset.get_by_test_id("pay-bill-ok").click()
    expect(handset.get_by_role("group", name="Pay bill")).to_contain_text("did not take it")
    assert remote.handset()["mpesa_balance"] == 50_000
