"""Drafts, written and changed with the phone beside them."""

import unicodedata
from collections.abc import Callable
from itertools import chain

import pytest
from playwright.sync_api import Page

from core.gsm7 import as_shown, septets, unsendable
from core.staff.records import Role
from tests.admin.staff_page.desk import PASSWORD, Desk
from tests.admin.staff_page.market_forms import QUESTION, draft_form, writes
from tests.chromium import needs_chromium
from tests.world import ASHA, World

EDIT = "/admin/markets/101/edit"


def test_a_draft_is_written_as_it_was_typed(desk: Desk) -> None:
    desk.signs_in(Role.RESOLVER)
    desk.opens("/admin/markets/new").shows("0 of 60 septets", "Its page in Kiswahili")
    shown = writes(desk, resolves_from="FKF's report")
    shown.shows("The draft is written.", QUESTION, "draft", "Sport", "FKF's report")
    shown.shows("1,000 basis points (10 %)", "18:00", f"Written {desk.email}")
    shown.shows("1. YES: 100 pays about 100", "2. HAPANA: 100 hulipa kama 100", "Linafungwa")


def test_a_preview_writes_nothing_and_loses_nothing(desk: Desk, world: World) -> None:
    desk.signs_in(Role.RESOLVER)
    typed = draft_form(world, question="Will [Gor] win — 🙂?", payout_rule="equal", preview="1")
    shown = desk.sends("/admin/markets/new", **typed)
    shown.shows("21 of 60", "No phone can show 🙂 in the question", "SLIGHTLY SMILING FACE")
    shown.shows("Will [Gor] win - ??", "1. YES: equal shares", "NDIYO: mgao sawa")
    shown.shows("it invites splitting a stake over many phones")
    assert 'value="Will [Gor] win — 🙂?"' in shown.html
    desk.sends("/admin/markets/new", **draft_form(world, preview="1")).shows_not("Not yet:")
    assert world.count("market") == 0


def test_what_the_core_refuses_is_said_and_what_was_typed_is_kept(desk: Desk, world: World) -> None:
    desk.signs_in(Role.RESOLVER)
    for changes, said in (
        ({"question": "?" * 61}, "The question has 61 characters; 60 fit on a phone."),
        ({"question": "Will the shit hit it?"}, "a word that players should not read"),
        ({"question": "Will 🙂 win?"}, "Phones cannot show the character U+1F642"),
        ({"label": "A label that is too long"}, "A label is a decent name"),
        ({"closes_on": "2020-01-01"}, "The closing time has passed."),
        ({"closes_time": ""}, "Choose a day and a time."),
        ({"fee_bps": "10 %"}, "The fee is 0 to 10000 basis points."),
    ):
        shown = writes(desk, **{"category": "Kept", **changes}).refuses(said)
        assert 'value="Kept"' in shown.html
    assert writes(desk, payout_rule="mine").status == 400
    assert world.count("market") == 0


def test_who_changed_a_draft_leaves_its_approval_to_a_third(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    desk.signs_in(Role.RESOLVER)
    writes(desk)
    other, third = new_desk().signs_in(), new_desk().signs_in()
    assert QUESTION in other.opens(EDIT).html
    again = draft_form(world, question="Will Gor Mahia draw?")
    changed = other.sends(EDIT, **again, revision=0)
    changed.shows("The draft is changed.", "Will Gor Mahia draw?", f"Changed {other.email}")
    for admin, why in ((desk, "created it"), (other, "edited it")):
        admin.opens("/admin/markets/101").shows(f"Another admin than the one who {why}")
        admin.sends("/admin/markets/101/approve", revision=1).refuses(why)
    third.sends("/admin/markets/101/approve", revision=1).shows("The market is open")
    assert third.opens(EDIT).shows("Market 101 is open.").status == 422


def test_nobody_overwrites_or_approves_what_they_have_not_read(
    desk: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    desk.signs_in(Role.RESOLVER)
    writes(desk)
    other = new_desk().signs_in()
    desk.sends(EDIT, **draft_form(world, label="Gor wins"), revision=0).shows("Gor wins")
    other.sends("/admin/markets/101/approve", revision=0).refuses("has changed this draft")
    for revision in ("0", "", "-1", "9" * 30):
        late = draft_form(world, label="Another name")
        refused = other.sends(EDIT, **late, revision=revision).refuses("has changed this draft")
        # Sent again as it stands it is refused again.
        assert f'name="revision" value="{revision}"' in refused.html
    other.opens("/admin/markets/101").shows("Gor wins").shows_not("Another name")


def test_who_reads_the_trail_of_a_market_is_no_part_of_its_history(
    desk: Desk,
) -> None:
    desk.signs_in()
    writes(desk)
    desk.opens("/admin/trail?subject=market:101").shows("market.created")
    desk.opens("/admin/markets/101").shows("Created").shows_not("Audit.read")


def test_a_fragment_takes_only_what_the_editor_asks(desk: Desk) -> None:
    desk.signs_in(Role.RESOLVER)
    asked = "/admin/live/market-preview?payout_rule=pro_rata&question="
    desk.opens(asked + "Will%20it%20rain?").shows("13 of 60", "Choose a day and a time.")
    assert desk.opens(asked + "x" * 601).status == 400
    assert desk.opens("/admin/live/market-preview?payout_rule=x").status == 400


@pytest.fixture
def editor(desk: Desk, new_page: Callable[..., Page]) -> Page:
    desk.email = ASHA
    desk.is_enrolled()
    page = new_page()
    page.goto("/admin/sign-in?then=/admin/markets/new")
    for name, value in (("email", ASHA), ("password", PASSWORD), ("code", desk.code())):
        page.fill(f"[name={name}]", value)
    page.click("main button")
    page.wait_for_url("**/markets/new")
    return page


@needs_chromium
def test_the_page_counts_while_one_types_as_the_core_does(editor: Page) -> None:
    editor.fill("[name=question]", "Will {Gor} score “2” €?")
    count = editor.locator("#f-question-count")
    assert count.inner_text() == "26 of 60 septets, 34 left"
    editor.get_by_text("1. YES: 100 pays about 100").first.wait_for()
    editor.get_by_text('Will {Gor} score "2" €?').first.wait_for()
    editor.fill("[name=label]", "ŵ 🙂 too long a name")
    told = editor.locator("#f-label-count")
    assert told.inner_text() == "19 of 18 septets, 1 too many. No phone can show 🙂"
    assert editor.locator("[name=label]").get_attribute("aria-invalid") == "true"

    # Every letter and sign of the alphabets around here, and the little pictures.
    ranges = (range(0x20, 0x590), range(0x1D00, 0x2800), range(0x1F300, 0x1F700))
    known = [one for one in map(chr, chain(*ranges)) if unicodedata.category(one) != "Cn"]
    counted = editor.evaluate(
        "all => all.map((one) => { const it = count(one + 'x'); return [it.septets,"
        " it.unsendable.length]; })",
        known,
    )
    expected = [[septets(as_shown(f"{one}x")), len(unsendable(f"{one}x"))] for one in known]
    differing = [
        f"U+{ord(one):04X} {here} {there}"
        for one, here, there in zip(known, counted, expected, strict=True)
        if here != there
    ]
    assert differing == []
