"""Who works here: taken on, shut out, given a role by two owners."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.staff.records import Role
from tests.admin.operator import Operator
from tests.admin.staff_page.desk import HERE, Desk
from tests.admin.staff_page.newcomer import Newcomer, code_in
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


def test_only_owners_see_who_works_here(asha: Desk, new_desk: Callable[[], Desk]) -> None:
    asha.opens("/admin/").shows("Staff")
    asha.opens("/admin/staff").shows(asha.email, "Owner", "you", "There is one owner.")
    for role in set(Role) - {Role.OWNER}:
        other = new_desk().signs_in(role)
        other.opens("/admin/staff").shows("Not for your role")
        assert "/admin/staff" not in other.opens("/admin/").html.replace("/admin/static", "")


def test_somebody_is_taken_on_and_given_a_role_by_two(
    asha: Desk, baraka: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    shown = asha.sends("/admin/staff", **NEW).shows(f"Hand this to {CHEBET}", f"{HERE}/admin/enrol")
    chebet = Newcomer(new_desk(), CHEBET, password="chebet's own password")
    chebet.becomes(code_in(shown.words))
    chebet.desk.opens("/admin/").shows(CHEBET, "viewer")

    asha.opens("/admin/staff").shows("to be finance", "Does the books", "Another owner approves")
    grant = f"/admin/staff/{_id_in(baraka)}/role/{open_grant(world)}"
    asha.sends(f"{grant}/approve").refuses("Another admin than the one who proposed it")
    baraka.sends(f"{grant}/approve").shows("Granted: it counts now.", "Finance")

    chebet.desk.opens("/admin/").shows(CHEBET, "finance")
    baraka.sends(f"{grant}/approve").refuses("decided already")
    world.moves(minutes=1)
    chebet.desk.sends_sign_in(password=chebet.password).shows("finance")


def _id_in(owner: Desk) -> int:
    """Of the one whom a proposal is about, as the page links to them."""
    html = owner.opens("/admin/staff").html
    return int(html.split(f'">{CHEBET}</a>')[0].rsplit("/", 1)[1])


def test_who_lost_the_first_code_still_chooses_a_password(
    asha: Desk, new_desk: Callable[[], Desk], id_of: Callable[[str], int]
) -> None:
    asha.sends("/admin/staff", **{**NEW, "role": "viewer", "why": ""})
    anew = asha.sends(f"/admin/staff/{id_of(CHEBET)}/invite").shows(
        "They choose their own password"
    )
    Newcomer(new_desk(), CHEBET).becomes(code_in(anew.words))

    with_password = asha.sends(f"/admin/staff/{id_of(CHEBET)}/invite").shows(
        "their password as well"
    )
    Newcomer(new_desk(), CHEBET).brings(code_in(with_password.words), password="").refuses("match")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "nobody"}, "not an e-mail address"),
        ({"email": "asha@kibeezy.test"}, "There is an admin with this e-mail"),
        ({"phone": "12345"}, "not a Kenyan mobile number"),
        ({"why": ""}, "The reason is a text"),
    ],
)
def test_nobody_is_taken_on_by_halves(
    asha: Desk, world: World, changes: dict[str, str], words: str
) -> None:
    asha.sends("/admin/staff", **{**NEW, **changes}).refuses(words)
    assert world.count("admin") == 1


def test_a_proposal_is_one_at_a_time_and_can_be_withdrawn(
    asha: Desk, baraka: Desk, world: World, id_of: Callable[[str], int]
) -> None:
    world.has_admin(CHEBET, Role.SUPPORT)
    path = f"/admin/staff/{id_of(CHEBET)}"
    asha.sends(f"{path}/role", role="support", why="x").refuses("The role is support already")
    asha.sends(f"{path}/role", role="finance", why="Knows M-Pesa").shows("another owner approves")
    baraka.sends(f"{path}/role", role="viewer", why="x").refuses("A role is proposed already")
    grant = f"{path}/role/{open_grant(world)}"
    baraka.sends(f"{grant}/withdraw").shows("Withdrawn.")
    baraka.sends(f"{grant}/approve").refuses("decided already")
    baraka.opens(path).shows("Support").shows_not("Waits for another owner")


def test_nobody_has_a_word_in_their_own_role(
    asha: Desk,
    baraka: Desk,
    new_desk: Callable[[], Desk],
    world: World,
    id_of: Callable[[str], int],
) -> None:
    chebet = new_desk().signs_in(Role.OWNER, CHEBET)
    me = f"/admin/staff/{id_of(CHEBET)}"
    for act in ("role", "disable", "unlock"):
        chebet.sends(f"{me}/{act}", role="viewer", why="x").refuses("to their own account")
    asha.sends(f"{me}/role", role="viewer", why="Moves to another team")
    grant = f"{me}/role/{open_grant(world)}"
    for act in ("approve", "withdraw"):
        chebet.sends(f"{grant}/{act}").refuses("to their own account")
    baraka.sends(f"{grant}/approve").shows("Granted")
    chebet.opens("/admin/staff").shows("Not for your role")


def test_a_proposal_of_who_is_no_owner_any_more_counts_for_nothing(
    asha: Desk,
    baraka: Desk,
    world: World,
    id_of: Callable[[str], int],
) -> None:
    for email in ("daudi@kibeezy.test", "esther@kibeezy.test"):
        world.has_admin(email, Role.OWNER)
    world.has_admin(CHEBET, Role.VIEWER)
    asha.sends(f"/admin/staff/{id_of(CHEBET)}/role", role="owner", why="Helps")
    baraka.sends(f"/admin/staff/{id_of(asha.email)}/disable").shows("Shut out")
    grant = f"/admin/staff/{id_of(CHEBET)}/role/{open_grant(world)}"
    baraka.sends(f"{grant}/approve").refuses("Whoever proposed it could not do so today")


def test_who_is_shut_out_is_out_at_once_until_two_owners_say_so(
    asha: Desk,
    baraka: Desk,
    new_desk: Callable[[], Desk],
    world: World,
    id_of: Callable[[str], int],
) -> None:
    chebet = new_desk().signs_in(Role.SUPPORT, CHEBET)
    path = f"/admin/staff/{id_of(CHEBET)}"
    invited = code_in(asha.sends(f"{path}/invite").words)

    asha.sends(f"{path}/disable").shows("Shut out: every session has ended.", "disabled")

    chebet.opens("/admin/").shows("One-time code")
    chebet.sends_sign_in().refuses("did not match")
    Newcomer(new_desk(), CHEBET).brings(invited).refuses("did not match")
    asha.sends(f"{path}/disable").refuses("is disabled")
    asha.sends(f"{path}/invite").refuses("is disabled")

    asha.sends(f"{path}/role", role="support", why="Is back")
    baraka.sends(f"{path}/role/{open_grant(world)}/approve").shows("Granted").shows_not(
        "Shut out since"
    )
    chebet.sends_sign_in().shows("What needs a person")
    Newcomer(new_desk(), CHEBET).brings(invited).refuses("did not match")


def test_two_owners_always_stay(
    asha: Desk, world: World, id_of: Callable[[str], int], operator: Operator
) -> None:
    for email in ("baraka@kibeezy.test", CHEBET):
        world.has_admin(email, Role.OWNER)
    asha.sends(f"/admin/staff/{id_of(CHEBET)}/disable").shows("Shut out")
    asha.sends(f"/admin/staff/{id_of('baraka@kibeezy.test')}/disable").refuses("Fewer than 2")
    # Those of a demo stand in for nobody.
    with world.owner.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO admin (email, role, password_hash, is_demo) VALUES"
                " ('one@demo.kibeezy.test', 'owner', 'x', true),"
                " ('two@demo.kibeezy.test', 'owner', 'x', true)"
            )
        )
    line = "admin disable baraka@kibeezy.test --by asha@kibeezy.test"
    assert "Fewer than 2" in operator.is_refused(line)
    operator.types("admin disable one@demo.kibeezy.test --by asha@kibeezy.test")


def test_who_locked_themselves_out_is_let_in_by_an_owner(
    asha: Desk, new_desk: Callable[[], Desk], id_of: Callable[[str], int]
) -> None:
    chebet = new_desk().signs_in(Role.RESOLVER, CHEBET)
    for _ in range(5):
        chebet.sends_sign_in(password="not the right password")
    path = f"/admin/staff/{id_of(CHEBET)}"
    asha.opens(path).shows("locked", "Let them try again now")
    asha.sends(f"{path}/unlock").shows("forgotten").shows_not("Let them try again now")
    chebet.sends_sign_in().shows("What needs a person")


def test_what_gives_rights_asks_for_a_proof(
    asha: Desk,
    baraka: Desk,
    new_desk: Callable[[], Desk],
    world: World,
    id_of: Callable[[str], int],
) -> None:
    new_desk().signs_in(Role.SUPPORT, CHEBET)
    path = f"/admin/staff/{id_of(CHEBET)}"
    asha.sends(f"{path}/role", role="finance", why="Knows M-Pesa")
    grant = f"{path}/role/{open_grant(world)}"
    world.moves(minutes=10)
    for where in (f"{grant}/approve", f"{path}/role", f"{path}/invite", "/admin/staff"):
        baraka.sends(where, **NEW).refuses("did not match")
    baraka.sends(f"{grant}/approve", **baraka.proof()).shows("Granted")


def test_to_shut_out_and_to_let_try_again_ask_for_a_proof(
    asha: Desk, baraka: Desk, new_desk: Callable[[], Desk], id_of: Callable[[str], int]
) -> None:
    chebet = new_desk().signs_in(Role.OWNER, CHEBET)
    asha.world.moves(minutes=6)
    baraka.opens("/admin/")
    for _ in range(5):
        chebet.sends_sign_in(password="not the right password")
    path = f"/admin/staff/{id_of(CHEBET)}"
    page = baraka.opens(path)
    for act in ("disable", "unlock"):
        form = page.html.split(f'action="{path}/{act}"')[1].split("</form>")[0]
        assert 'name="password"' in form
        baraka.sends(f"{path}/{act}").refuses("did not match")
    baraka.sends(f"{path}/unlock", **baraka.proof()).shows("forgotten")
    baraka.sends(f"{path}/disable").shows("Shut out: every session has ended.")


def test_a_role_or_a_person_that_is_none(
    asha: Desk, world: World, id_of: Callable[[str], int]
) -> None:
    world.has_admin(CHEBET, Role.SUPPORT)
    assert asha.opens("/admin/staff/999").status == 404
    assert asha.sends(f"/admin/staff/{id_of(CHEBET)}/role", role="king", why="x").status == 422
    for act in ("disable", "unlock", "invite", "role"):
        assert asha.sends(f"/admin/staff/999/{act}", role="viewer", why="x").status == 404
    assert asha.sends(f"/admin/staff/{id_of(CHEBET)}/role/9/approve").status == 422
