"""The audit trail on the staff page: found, read and taken away, which is written down itself."""

import csv
from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.audit_trail.list_events import Wanted, list_events
from core.audit_trail.records import record
from core.database import in_transaction, now
from core.staff.records import Role
from tests.admin.staff_page.desk import Desk
from tests.world import World

Writes = Callable[..., None]


@pytest.fixture
def desk(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT, "amina@kibeezy.test")


@pytest.fixture
def writes(world: World) -> Writes:
    def write(actor: str, act: str, subject: str, **details: str) -> None:
        in_transaction(
            world.database,
            lambda c: record(c, actor=actor, act=act, subject=subject, **details),
        )

    return write


def test_events_are_found_by_who_what_and_to_what(desk: Desk, writes: Writes) -> None:
    writes("asha@kibeezy.test", "market.closed", "market:112", why="as planned")
    writes("player:7", "limit.stake", "player:7")
    desk.opens("/admin/trail").shows("market.closed", "why as planned", "limit.stake")
    for asked in ("who=asha@kibeezy.test", "act=market.*", "subject=market:112", "who=asha*"):
        found = desk.opens(f"/admin/trail?{asked}").shows("market.closed")
        found.shows_not("limit.stake")
    desk.opens("/admin/trail?by=staff").shows("market.closed").shows_not("limit.stake")
    desk.opens("/admin/trail?who=player:7").shows("limit.stake").shows_not("market.closed")
    desk.opens("/admin/trail?subject=market:999").shows("No events like that.")


def test_a_subject_leads_to_its_page(desk: Desk, writes: Writes) -> None:
    writes("system", "player.withdrawals_paused", "player:7")
    writes("system", "seal.published", "head:2026-11-26")
    page = desk.opens("/admin/trail").shows("head:2026-11-26")
    assert 'href="/admin/players/7"' in page.html


def test_what_no_index_finds_is_looked_for_in_a_day(
    desk: Desk, world: World, writes: Writes
) -> None:
    writes("player:7", "limit.stake", "player:7")
    day = in_transaction(world.database, now).date().isoformat()
    world.moves(hours=50)
    desk.signs_in(Role.SUPPORT, desk.email)
    lately = desk.opens("/admin/trail?act=limit.*")
    lately.shows("Of the last 24 hours").shows_not("limit.stake")
    for asked in ("subject=player:7", f"act=limit.*&since={day}"):
        found = desk.opens(f"/admin/trail?{asked}").shows("limit.stake")
        found.shows_not("Of the last 24 hours")


def test_days_are_found_without_an_index(world: World, writes: Writes) -> None:
    moments = []
    for number in range(40):
        writes("system", "test.event", f"test:{number}")
        moments.append(in_transaction(world.database, now))
        world.moves(hours=5)
    for first, beyond in ((0, 40), (3, 4), (10, 30), (39, 40)):
        begins, ends = moments[first], [*moments, None][beyond]
        # The event itself is a little older than the moment after it.
        wanted = Wanted(act="test.event", begins=begins, ends=ends)
        with world.database.connect() as connection:
            found = list_events(connection, wanted=wanted, limit=100)
        expected = [f"test:{number}" for number in range(first + 1, min(beyond + 1, 40))]
        assert [event.subject for event in reversed(found)] == expected


def test_the_list_goes_on_by_key(desk: Desk, world: World, writes: Writes) -> None:
    for number in range(60):
        writes("system", "test.event", "test:1", number=str(number))
    page = desk.opens("/admin/trail?subject=test:1").shows("number 59", "Older")
    page.shows_not("number 9 ")
    with world.owner.connect() as connection:
        query = "SELECT id FROM audit_event WHERE details->>'number' = '10'"
        key = connection.execute(text(query)).scalar_one()
    assert f"before={key}&amp;subject=test:1" in page.html or f"before={key}" in page.html
    desk.opens(f"/admin/trail?subject=test:1&before={key}").shows("number 9").shows_not("Older")


def test_the_file_holds_every_event_and_says_so_in_the_trail(
    desk: Desk, world: World, writes: Writes
) -> None:
    for number in range(60):
        writes("system", "test.event", "test:1", why=f"=HYPERLINK({number})")
    sheet = desk.opens("/admin/trail.csv?subject=test:1")
    assert sheet.response.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(sheet.html.lstrip("\ufeff").splitlines()))
    assert rows[-1]["changes"] == "why =HYPERLINK(0)"
    # With the event that says who took it.
    assert [row["act"] for row in rows] == ["audit.exported"] + ["test.event"] * 60
    assert not any(cell.startswith(("=", "+", "@")) for row in rows for cell in row.values())
    with world.owner.connect() as connection:
        query = "SELECT actor, subject FROM audit_event WHERE act = 'audit.exported'"
        assert list(connection.execute(text(query))) == [(desk.email, "test:1")]


def test_a_day_that_is_none_is_said(desk: Desk) -> None:
    desk.opens("/admin/trail?since=yesterday").shows("Write the day like")
