"""Somebody calls: "I paid, where is my money?" """

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import expect
from redis import Redis

from core.money import kes
from core.staff.records import Role
from tests.admin.staff_page.clerk import Clerk
from tests.admin.staff_page.town import open_town
from tests.chromium import needs_chromium
from tests.world import World

pytestmark = [pytest.mark.browser, needs_chromium]

CALLER = "+254710000099"


def test_money_for_an_account_with_a_slip_reaches_its_owner(
    app: Flask, world: World, redis_client: Redis, new_clerk: Callable[..., Clerk]
) -> None:
    assert redis_client.ping()
    world.has_player(CALLER, name="Kerubo Nyaboke")
    with open_town(world, app) as town:
        receipt = town.pays_bill("071000099", 1_000)
    support = new_clerk().signs_in(Role.SUPPORT).page
    finance = new_clerk().signs_in(Role.FINANCE)
    owner = new_clerk().signs_in(Role.OWNER)

    # Her own number knows nothing; what M-Pesa told her by SMS finds it.
    support.get_by_role("link", name="Payments", exact=True).click()
    find = support.get_by_label("Find a payment")
    find.fill("0710 000 099")
    find.press("Enter")
    expect(support.get_by_text("No payment of this number.")).to_be_visible()
    find.fill(f"{receipt} Confirmed. Ksh1,000.00 sent to KIBEEZY for account 071000099")
    find.press("Enter")
    expect(support.get_by_text("Say to the caller")).to_be_visible()
    support.get_by_role("link", name="Open it").click()
    there = support.url
    expect(support.get_by_text("Say whose money it is")).to_have_count(0)

    finance.page.goto(there)
    finance.page.get_by_text("Say whose money it is").click()
    finance.page.get_by_label("Phone of the player").fill(CALLER)
    finance.page.get_by_label("Where it can be seen").fill(f"Her SMS from M-Pesa has {receipt}")
    finance.page.get_by_role("button", name="Propose").click()
    expect(finance.page.get_by_text("It is proposed.")).to_be_visible()
    assert world.wallet(CALLER) == kes(0)

    owner.page.goto(there)
    owner.page.get_by_role("button", name="Approve and do it").click()
    expect(owner.page.get_by_text("The money arrived and is in the wallet.")).to_be_visible()
    assert world.wallet(CALLER) == kes(1_000)
    support.reload()
    expect(support.get_by_text("The money arrived and is in the wallet.")).to_be_visible()
