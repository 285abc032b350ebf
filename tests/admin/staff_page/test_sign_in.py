"""Getting in, and not."""

from collections.abc import Callable

from core.staff.records import Role
from tests.admin.staff_page.desk import HERE, Desk
from tests.world import World


def test_password_and_code_open_the_page(desk: Desk) -> None:
    desk.signs_in(Role.VIEWER)
    desk.opens("/admin/").shows("What needs a person", desk.email, "viewer")


def test_who_is_not_signed_in_is_led_to_the_door_and_on_from_there(desk: Desk) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    shown = desk.opens("/admin/")
    shown.shows("Sign in", "One-time code")


def test_a_code_opens_once(desk: Desk, new_desk: Callable[[], Desk]) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    code = desk.code()
    given = {"email": desk.email, "password": "a long enough password", "code": code}
    desk.posts("/admin/sign-in", given).shows("What needs a person")
    new_desk().posts("/admin/sign-in", given).refuses("the code was used already")


def test_five_wrong_tries_lock_for_fifteen_minutes_also_for_the_right_code(
    desk: Desk, world: World
) -> None:
    desk.email = "asha@kibeezy.test"
    desk.is_enrolled()
    for _ in range(5):
        desk.sends_sign_in(password="not the right password").refuses("did not match")
    desk.sends_sign_in().refuses("an account waits 15 minutes")
    world.moves(minutes=15)
    desk.sends_sign_in().shows("What needs a person")


def test_idle_for_a_quarter_of_an_hour_is_signed_out(desk: Desk, world: World) -> None:
    desk.signs_in()
    world.moves(minutes=14)
    desk.opens("/admin/").shows("What needs a person")
    world.moves(minutes=14)
    desk.opens("/admin/").shows("What needs a person")
    world.moves(minutes=15)
    desk.opens("/admin/").shows("One-time code")


def test_eight_hours_are_the_longest(desk: Desk, world: World) -> None:
    desk.signs_in()
    for _ in range(47):
        world.moves(minutes=10)
        desk.opens("/admin/").shows("What needs a person")
    world.moves(minutes=10)
    desk.opens("/admin/").shows("One-time code")


def test_a_form_from_elsewhere_or_without_the_token_does_nothing(desk: Desk) -> None:
    desk.signs_in()
    token = {"csrf": desk.csrf}
    for form, headers in (
        (token, {"Origin": "https://evil.example"}),
        (token, {"Origin": "null"}),
        (token, {"Sec-Fetch-Site": "cross-site"}),
        ({}, {}),
        ({"csrf": "0" * 64}, {}),
    ):
        assert desk.posts("/admin/sign-out", form, **headers).status == 400
    bare = desk.client.post("/admin/sign-out", base_url=HERE, data=token)
    assert bare.status_code == 400
    desk.opens("/admin/").shows("What needs a person")
    desk.sends("/admin/sign-out").shows("One-time code")
    desk.opens("/admin/").shows("One-time code")
