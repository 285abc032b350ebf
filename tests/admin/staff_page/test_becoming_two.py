"""Nobody becomes two: whoever takes somebody on gets no role that was meant for that person."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.staff.enrol import enrol, find_enrolment
from core.staff.invite_anew import Invitation, invite_anew
from core.staff.password import NewPassword
from core.staff.records import Admin, Role
from core.staff.sign_in import count_try
from tests.admin.operator import Operator
from tests.admin.staff_page.desk import PASSWORD, Desk
from tests.admin.staff_page.newcomer import Newcomer, code_in
from tests.admin.staff_page.test_guessing import at_once
from tests.world import World

CHEBET = "chebet@kibeezy.test"
NEW = {"email": CHEBET, "role": "finance", "why": "Does the books"}


@pytest.fixture
def asha(desk: Desk) -> Desk:
    return desk.signs_in(Role.OWNER, "asha@kibeezy.test")


@pytest.fixture
def baraka(new_desk: Callable[[], Desk]) -> Desk:
    return new_desk().signs_in(Role.OWNER, "baraka@kibeezy.test")


@pytest.fixture
def id_of(world: World) -> Callable[[str], int]:
    def find(email: str) -> int:
        with world.owner.connect() as connection:
            query = text("SELECT id FROM admin WHERE email = :email")
            return int(connection.execute(query, {"email": email}).scalar_one())

    return find


def open_grant(world: World) -> int:
    with world.owner.connect() as connection:
        query = text("SELECT max(id) FROM admin_role_grant")
        return int(connection.execute(query).scalar_one())


def test_who_took_somebody_on_does_not_become_them_with_a_role(
    asha: Desk,
    baraka: Desk,
    new_desk: Callable[[], Desk],
    world: World,
    id_of: Callable[[str], int],
) -> None:
    first = code_in(asha.sends("/admin/staff", **NEW).words)
    path = f"/admin/staff/{id_of(CHEBET)}"
    grant = f"{path}/role/{open_grant(world)}"
    baraka.opens("/admin/staff").shows("They have not enrolled yet").shows_not("Approve")
    baraka.sends(f"{grant}/approve").refuses("Not enrolled yet")

    Newcomer(new_desk(), CHEBET).becomes(first)

    baraka.opens("/admin/staff").shows("Ask them in person")
    baraka.sends(f"{grant}/approve").shows("Granted")
    anew = asha.sends(f"{path}/invite").shows("their password as well")
    Newcomer(new_desk(), CHEBET).brings(code_in(anew.words), password="").refuses("did not match")


def test_only_a_viewer_who_never_enrolled_chooses_a_password_by_the_page(
    asha: Desk, new_desk: Callable[[], Desk], operator: Operator, id_of: Callable[[str], int]
) -> None:
    operator.types(
        f"admin create --email {CHEBET} --role finance --password-stdin", stdin=f"{PASSWORD}\n"
    )
    operator.types(f"admin enrol {CHEBET} --forgotten-password --by {asha.email}")
    anew = asha.sends(f"/admin/staff/{id_of(CHEBET)}/invite").shows("their password as well")
    Newcomer(new_desk(), CHEBET).brings(code_in(anew.words), password="").refuses("did not match")


def test_who_never_enrolled_comes_back_as_a_viewer(
    asha: Desk, baraka: Desk, world: World, id_of: Callable[[str], int]
) -> None:
    world.has_admin(CHEBET, Role.FINANCE)
    path = f"/admin/staff/{id_of(CHEBET)}"
    asha.sends(f"{path}/disable").shows("Shut out")
    asha.sends(f"{path}/role", role="viewer", why="Is back")
    baraka.sends(f"{path}/role/{open_grant(world)}/approve").shows("Granted", "Viewer")


def test_an_enrolment_calls_every_owner_and_says_who_made_the_code(
    asha: Desk,
    baraka: Desk,
    new_desk: Callable[[], Desk],
    world: World,
    id_of: Callable[[str], int],
) -> None:
    world.has_admin("daudi@kibeezy.test", Role.OWNER, phone="+254722000001")
    shown = asha.sends("/admin/staff", **NEW)
    Newcomer(new_desk(), CHEBET).becomes(code_in(shown.words))

    called = f"{CHEBET} has set up a second factor. Ask whether it was they."
    baraka.opens("/admin/").shows(called, f"admin {id_of(CHEBET)}", "Take")
    assert world.count("sms_out WHERE phone = '+254722000001'") == 1
    new_desk().signs_in(Role.FINANCE).opens("/admin/").shows(called).shows_not("Take")
    baraka.opens(f"/admin/staff/{id_of(CHEBET)}").shows(
        "How they were let in", f"Second factor set up {CHEBET}", "Enrolment code made", asha.email
    )


def test_of_codes_that_are_made_at_once_one_is_open(
    asha: Desk, world: World, id_of: Callable[[str], int]
) -> None:
    asha.sends("/admin/staff", **NEW)
    by = Admin(id_of(asha.email), asha.email, None, Role.OWNER)
    key = world.settings.staff_key

    def make(_number: int) -> Invitation:
        return in_transaction(
            world.database, lambda c: invite_anew(c, email=CHEBET, by=by, key=key)
        )

    at_once(8, make)
    assert world.count("admin_enrolment WHERE used_at IS NULL") == 1


def test_a_code_made_while_somebody_enrols_asks_for_the_password_they_choose(
    asha: Desk, world: World, id_of: Callable[[str], int]
) -> None:
    first = code_in(asha.sends("/admin/staff", **{**NEW, "role": "viewer", "why": ""}).words)
    by, key = Admin(id_of(asha.email), asha.email, None, Role.OWNER), world.settings.staff_key
    with ThreadPoolExecutor(1) as pool:
        with world.database.begin() as connection:
            chebet = count_try(connection, email=CHEBET)
            begun = find_enrolment(connection, candidate=chebet, code=first, key=key)
            assert chebet is not None
            assert begun is not None
            chosen = NewPassword(PASSWORD, PASSWORD)
            shown = asha.code_of(begun.secret(key))
            enrol(connection, of=chebet.admin, begun=begun, code=shown, key=key, password=chosen)
            anew = pool.submit(
                in_transaction,
                world.database,
                lambda c: invite_anew(c, email=CHEBET, by=by, key=key),
            )
            with pytest.raises(TimeoutError):
                anew.result(timeout=1)
        assert not anew.result(timeout=30).chooses_password
