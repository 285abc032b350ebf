"""Requests that no page of ours sends: too much, too odd, too slow."""

import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from werkzeug.test import EnvironBuilder

from admin.few_at_once import STAFF_AT_ONCE, few_at_once
from admin.readable import MOST_BYTES
from core.staff.records import Role
from tests.admin.staff_page.desk import HERE, PASSWORD, Desk


def test_more_than_a_form_holds_is_not_read(desk: Desk) -> None:
    given = {"email": "asha@kibeezy.test", "password": "x" * MOST_BYTES, "code": "123456"}
    desk.posts("/admin/sign-in", given).shows("That is too much")
    file = {"email": (BytesIO(b"x" * (MOST_BYTES + 1)), "huge.bin")}
    answer = desk.client.post("/admin/sign-in", base_url=HERE, data=file, headers={"Origin": HERE})
    assert answer.status_code == 413


@pytest.mark.parametrize(
    "path",
    [
        "/admin/markets?category=a%00b",
        "/admin/trail?who=a%00b",
        "/admin/players?find=a%00b",
        "/admin/payments?q=%00",
    ],
)
def test_a_nul_is_no_word(desk: Desk, path: str) -> None:
    desk.signs_in()
    assert desk.opens(path).status == 400


def test_a_nul_opens_no_door(desk: Desk) -> None:
    given = {"email": "asha\x00@kibeezy.test", "password": PASSWORD, "code": "123456"}
    assert desk.posts("/admin/sign-in", given).status == 400


def test_a_number_that_no_row_has_is_not_found(desk: Desk) -> None:
    desk.signs_in()
    for path in ("markets", "players", "staff", "messages", "payments/deposits"):
        assert desk.opens(f"/admin/{path}/{2**63}").status == 404, path
    assert desk.sends(f"/admin/alarms/{2**63}/take").status == 404


def test_a_day_at_the_edge_of_the_calendar_is_refused_in_words(desk: Desk) -> None:
    desk.signs_in(Role.SUPPORT)
    for day in ("0001-01-01", "9999-12-31"):
        desk.opens(f"/admin/trail?since={day}&until={day}").shows("2026-12-31")


def test_where_one_wanted_to_go_holds_no_line_break(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    desk.sends_sign_in(then="/admin/\r\nX: y").shows("What needs a person")


class _SlowPage:
    """A page that waits until the event is set, behind its few places."""

    def __init__(self) -> None:
        self.inside, self.go_on = threading.Semaphore(0), threading.Event()
        self._limited = few_at_once(self._page)

    def ask(self, path: str) -> str:
        statuses: list[str] = []

        def begin(status: str, *_: object) -> Callable[[bytes], object]:
            statuses.append(status)
            return lambda _: None

        assert b"".join(self._limited(EnvironBuilder(path).get_environ(), begin))
        return statuses[0]

    def _page(self, _environment: object, start_response: Callable[..., object]) -> list[bytes]:
        self.inside.release()
        assert self.go_on.wait(20)
        start_response("200 OK", [])
        return [b"done"]


def test_slow_strangers_hold_up_the_staff_page_at_most() -> None:
    slow = _SlowPage()
    heard: list[str] = []
    waiting = [
        threading.Thread(target=lambda: heard.append(slow.ask("/admin/sign-in")))
        for _ in range(STAFF_AT_ONCE)
    ]
    for thread in waiting:
        thread.start()
    for _ in waiting:
        assert slow.inside.acquire(timeout=20)
    assert slow.ask("/admin/") == "503 Service Unavailable"
    slow.go_on.set()
    for thread in waiting:
        thread.join()
    assert heard == ["200 OK"] * STAFF_AT_ONCE
    assert slow.ask("/admin/") == "200 OK", "each place was given back"
    assert slow.ask("/readyz") == "200 OK"
