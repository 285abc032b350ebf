"""How somebody gets a second factor: handed a code, once, within a day."""

import re
from collections.abc import Callable

import pytest
import segno

from core.staff.records import Role
from core.staff.totp import totp_uri
from tests.admin.operator import Operator
from tests.admin.staff_page.desk import HERE, PASSWORD, Desk
from tests.admin.staff_page.newcomer import Newcomer, code_in
from tests.world import World

CHEBET = "chebet@kibeezy.test"
CREATE = f"admin create --email {CHEBET} --role finance --password-stdin"


@pytest.fixture
def printed(operator: Operator) -> str:
    """What `admin create` says."""
    return operator.types(CREATE, stdin=f"{PASSWORD}\n")


@pytest.fixture
def chebet(new_desk: Callable[[], Desk]) -> Newcomer:
    return Newcomer(new_desk(), CHEBET)


def test_from_the_printed_code_to_the_page(printed: str, chebet: Newcomer) -> None:
    assert f"{HERE}/admin/enrol\n" in printed, "the address, without the code in it"
    shown = chebet.brings(code_in(printed))
    drawn = segno.make(totp_uri(chebet.secret, email=CHEBET), error="m")
    [path] = re.findall(r' d="([^"]+)"', drawn.svg_inline(scale=5, border=2))
    assert path in shown.html, "the picture and the letters are the same secret"

    chebet.scans().shows("Keep these on paper", "They are shown only now")

    assert len(set(chebet.recovery_codes)) == 10
    chebet.desk.opens("/admin/").shows(CHEBET, "finance")
    chebet.desk.world.moves(minutes=20)
    chebet.desk.sends_sign_in().shows("What needs a person")


def test_a_code_is_good_once(printed: str, chebet: Newcomer, new_desk: Callable[[], Desk]) -> None:
    chebet.enrols(code_in(printed))
    Newcomer(new_desk(), CHEBET).brings(code_in(printed)).refuses("did not match")


def test_two_who_bring_one_code_are_one_who_enrols(
    printed: str, chebet: Newcomer, new_desk: Callable[[], Desk]
) -> None:
    other = Newcomer(new_desk(), CHEBET)
    other.brings(code_in(printed)).shows("Scan this")
    chebet.enrols(code_in(printed))
    other.scans().shows("You are signed out")


def test_a_code_is_over_after_a_day(printed: str, chebet: Newcomer, world: World) -> None:
    world.moves(hours=24)
    chebet.brings(code_in(printed)).refuses("did not match")


def test_a_code_that_ends_on_the_way_is_over(printed: str, chebet: Newcomer, world: World) -> None:
    world.moves(hours=23, minutes=55)
    chebet.brings(code_in(printed)).shows("Scan this")
    world.moves(minutes=6)
    chebet.scans().shows("This enrolment is over")


def test_the_last_code_counts(printed: str, chebet: Newcomer, operator: Operator) -> None:
    newer = operator.types(f"admin enrol {CHEBET} --by {CHEBET}")
    chebet.brings(code_in(printed)).refuses("did not match")
    chebet.enrols(code_in(newer))


def test_wrong_passwords_and_wrong_codes_count(printed: str, chebet: Newcomer) -> None:
    code = code_in(printed)
    chebet.brings(code, password="not the right password").refuses("did not match")
    chebet.brings(code, password="").refuses("did not match")
    for _ in range(3):
        chebet.brings("2222-2222-2222-2222-2222-2222").refuses("did not match")
    chebet.brings(code).refuses("did not match")
    chebet.desk.world.moves(minutes=15)
    chebet.enrols(code)


def test_a_code_is_for_one_person(printed: str, world: World, desk: Desk) -> None:
    world.has_admin("daudi@kibeezy.test", Role.OWNER)
    Newcomer(desk, "daudi@kibeezy.test").brings(code_in(printed)).refuses("did not match")


def test_a_wrong_code_of_the_app_finishes_nothing(printed: str, chebet: Newcomer) -> None:
    chebet.brings(code_in(printed))
    wrong = str((int(chebet.desk.code_of(chebet.secret)) + 1) % 1_000_000).zfill(6)
    chebet.scans(code=wrong).refuses("not the code the app shows")
    chebet.scans().shows("Keep these on paper")


def test_who_is_enrolling_can_open_nothing_else(printed: str, chebet: Newcomer) -> None:
    chebet.brings(code_in(printed))
    for path in ("/admin/", "/admin/account"):
        answer = chebet.desk.client.get(path, base_url=HERE)
        assert (answer.status_code, answer.location) == (303, "/admin/enrol/app")
    assert chebet.desk.sends("/admin/account/recovery-codes").status == 401


def test_a_new_phone_ends_what_the_old_one_opened(
    desk: Desk, operator: Operator, new_desk: Callable[[], Desk]
) -> None:
    desk.signs_in(Role.SUPPORT)
    old = desk.code()
    printed = operator.types(f"admin enrol {desk.email} --by {desk.email}")
    desk.opens("/admin/").shows("What needs a person")

    Newcomer(new_desk(), desk.email).enrols(code_in(printed))

    desk.opens("/admin/").shows("One-time code", "Sign in")
    desk.sends_sign_in(code=old).refuses("did not match")


def test_a_recovery_code_opens_once(printed: str, chebet: Newcomer) -> None:
    chebet.enrols(code_in(printed))
    code = chebet.recovery_codes[0]
    typed = code.lower().replace("-", " ")
    chebet.desk.sends_sign_in(code=typed).shows("What needs a person")
    chebet.desk.client.delete_cookie("kibeezy")
    chebet.desk.sends_sign_in(code=code).refuses("the code was used already")
    chebet.desk.sends_sign_in(code=chebet.recovery_codes[1]).shows("What needs a person")
    chebet.desk.opens("/admin/account").shows("Recovery codes: 8 left")


def test_a_forgotten_password_is_chosen_anew_by_whoever_runs_the_server(
    printed: str, chebet: Newcomer, operator: Operator, world: World
) -> None:
    chebet.enrols(code_in(printed))
    world.has_admin("asha@kibeezy.test", Role.OWNER)
    line = f"admin enrol {CHEBET} --forgotten-password"
    assert "may not do that" in operator.is_refused(f"{line} --by {CHEBET}")
    anew = operator.types(f"{line} --by asha@kibeezy.test")
    chosen = {"new_password": "another long password"}

    chebet.brings(code_in(anew), password="").shows("Scan this", "New password")
    chebet.scans().refuses("12 to 256 characters")
    chebet.scans(**chosen, new_password_again="a different password").refuses("differ")
    chebet.scans(**chosen, new_password_again=chosen["new_password"]).shows("on paper")

    world.moves(minutes=1)
    chebet.desk.sends_sign_in().refuses("did not match")
    chebet.desk.sends_sign_in(password=chosen["new_password"]).shows("What needs a person")
