"""One's own account: sessions, password, recovery codes, phone."""

import re
from collections.abc import Callable

import pytest

from admin.drawing.browser import in_words
from core.staff.records import Role
from tests.admin.staff_page.desk import HERE, PASSWORD, Desk
from tests.admin.staff_page.newcomer import RECOVERY_CODE, Newcomer, code_in
from tests.world import World

NEW = "quite another password"
ANDROID = (
    "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Mobile Safari/537.36"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15"
    " (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def laptop(desk: Desk) -> Desk:
    return desk.signs_in(Role.SUPPORT)


@pytest.fixture
def phone_browser(laptop: Desk, new_desk: Callable[[], Desk]) -> Desk:
    """The same person at a second browser."""
    other = new_desk()
    other.client.environ_base["HTTP_USER_AGENT"] = ANDROID
    return other.signs_in(email=laptop.email)


def test_everybody_finds_their_account_in_the_header(laptop: Desk) -> None:
    assert (
        f'href="/admin/account" title="Your account">{laptop.email}' in laptop.opens("/admin/").html
    )
    laptop.opens("/admin/account").shows("Your account", laptop.email, "Support", "this one")


def test_one_session_is_ended_from_another(laptop: Desk, phone_browser: Desk) -> None:
    shown = laptop.opens("/admin/account").shows("Chrome on Android", "127.0.0.1", "this one")
    [path] = re.findall(r"/admin/account/sessions/\d+/end", shown.html)
    laptop.sends(path).shows("That session is over.", "Nowhere else", "ended by hand")
    phone_browser.opens("/admin/").shows("One-time code")
    laptop.sends(path).shows("There is no open session")


def test_all_others_are_ended_at_once(laptop: Desk, phone_browser: Desk) -> None:
    laptop.sends("/admin/account/sessions/end-others").shows("Every other session")
    phone_browser.opens("/admin/").shows("One-time code")
    laptop.opens("/admin/").shows("What needs a person")


def test_nobody_ends_the_session_of_another(
    laptop: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    other = new_desk().signs_in(Role.OWNER)
    with world.owner.connect() as connection:
        newest = connection.exec_driver_sql("SELECT max(id) FROM admin_session").scalar_one()
    assert laptop.sends(f"/admin/account/sessions/{newest}/end").status == 422
    laptop.sends("/admin/account/sessions/end-others")
    other.opens("/admin/").shows("What needs a person")


def test_this_session_can_be_ended_as_well(laptop: Desk, world: World) -> None:
    with world.owner.connect() as connection:
        mine = connection.exec_driver_sql("SELECT max(id) FROM admin_session").scalar_one()
    laptop.sends(f"/admin/account/sessions/{mine}/end").shows("One-time code")


def change(desk: Desk, **changes: str) -> dict[str, str]:
    return {**desk.proof(), "new_password": NEW, "new_password_again": NEW, **changes}


def test_a_new_password_ends_every_other_session(laptop: Desk, phone_browser: Desk) -> None:
    laptop.sends("/admin/account/password", **change(laptop)).shows("Your password is changed")
    phone_browser.opens("/admin/").shows("One-time code")
    laptop.world.moves(minutes=1)
    phone_browser.sends_sign_in().refuses("did not match")
    phone_browser.sends_sign_in(password=NEW).shows("What needs a person")


WRONG = (
    ({"password": ""}, "did not match"),
    ({"password": "not the right password"}, "did not match"),
    ({"code": "000000"}, "did not match"),
    ({"new_password_again": "quite another passwort"}, "The two new passwords differ"),
    ({"new_password": "short", "new_password_again": "short"}, "12 to 256 characters"),
)


def test_who_changes_a_password_knows_the_old_one_however_lately_it_was_typed(
    laptop: Desk,
) -> None:
    for changes, words in WRONG:
        shown = laptop.sends("/admin/account/password", **change(laptop, **changes)).refuses(words)
        for typed in (PASSWORD, *changes.values(), NEW):
            assert not typed or f'value="{typed}"' not in shown.html, "no password is sent back"
        laptop.world.moves(minutes=1)
    laptop.sends_sign_in().shows("What needs a person")


def test_new_recovery_codes_are_shown_once_and_the_old_ones_are_worthless(laptop: Desk) -> None:
    shown = laptop.sends("/admin/account/recovery-codes").shows("shown only now")
    first = RECOVERY_CODE.findall(shown.html)
    second = RECOVERY_CODE.findall(laptop.sends("/admin/account/recovery-codes").html)
    assert len({*first, *second}) == 20
    assert not RECOVERY_CODE.findall(laptop.opens("/admin/account").html)
    laptop.sends_sign_in(code=first[0]).refuses("did not match")
    laptop.sends_sign_in(code=second[0]).shows("What needs a person")


def test_what_opens_the_door_is_made_anew_only_by_who_proves_it_lately(
    laptop: Desk, world: World
) -> None:
    world.moves(minutes=10)
    for path in ("recovery-codes", "phone"):
        laptop.sends(f"/admin/account/{path}").refuses("did not match")
    shown = laptop.sends("/admin/account/recovery-codes", **laptop.proof())
    shown.shows("Your new recovery codes")


def test_one_moves_to_another_phone_alone(laptop: Desk, new_desk: Callable[[], Desk]) -> None:
    shown = laptop.sends("/admin/account/phone").shows(
        "Set up another phone", f"{HERE}/admin/enrol"
    )
    with_new_phone = Newcomer(new_desk(), laptop.email)
    with_new_phone.brings(code_in(shown.words), password="").refuses("did not match")
    with_new_phone.enrols(code_in(shown.words))
    laptop.opens("/admin/").shows("One-time code")


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (ANDROID, "Chrome on Android"),
        (EDGE, "Edge on Windows"),
        (IPHONE, "Safari on an iPhone"),
        ("curl/8.5.0", "Another program"),
        ("", "Another program"),
    ],
)
def test_a_browser_in_plain_words(user_agent: str, words: str) -> None:
    assert in_words(user_agent) == words
