"""Who is signed in proves it again: wrong proofs are the session's, a stranger's tries are not."""

from collections.abc import Callable

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.staff.proofs import WRONG_PROOFS, WrongProof, count_proof, prove_again
from core.staff.records import Admin, Role
from core.staff.sessions import Session
from core.staff.sign_in import check_credentials
from tests.admin.staff_page.desk import Desk
from tests.admin.staff_page.test_guessing import at_once
from tests.world import World

CODES = "/admin/account/recovery-codes"
WRONG = {"password": "not the right password", "code": "000000"}


@pytest.fixture
def asha(desk: Desk, world: World) -> Desk:
    """Signed in, and to be asked who she is."""
    desk.signs_in(Role.OWNER, "asha@kibeezy.test")
    world.moves(minutes=10)
    return desk


def counted(world: World) -> tuple[int, int]:
    """Wrong proofs of the newest session, and wrong tries of its account."""
    query = text(
        "SELECT s.wrong_proofs, a.wrong_tries FROM admin_session s"
        " JOIN admin a ON a.id = s.admin_id ORDER BY s.id DESC LIMIT 1"
    )
    with world.owner.connect() as connection:
        row = connection.execute(query).one()
    return row.wrong_proofs, row.wrong_tries


def test_a_stranger_at_the_door_keeps_nobody_from_proving(
    asha: Desk, new_desk: Callable[[], Desk], world: World
) -> None:
    stranger = new_desk()
    for _ in range(5):
        stranger.posts("/admin/sign-in", {"email": asha.email, **WRONG}).refuses("did not match")
    asha.sends(CODES, **asha.proof()).shows("Your new recovery codes")
    assert counted(world) == (0, 5), "and the door stays shut to the stranger"
    world.moves(minutes=1)
    stranger.email = asha.email
    stranger.sends_sign_in().refuses("did not match")


def test_five_wrong_proofs_end_the_session_and_lock_nobody_out(asha: Desk, world: World) -> None:
    for wrong in range(1, WRONG_PROOFS):
        asha.sends(CODES, **WRONG).refuses("did not match", "this session ends")
        assert counted(world) == (wrong, 0)
    asha.sends(CODES, **WRONG).shows("You are signed out").shows_not(asha.email)
    asha.opens("/admin/").shows("One-time code")
    asha.sends_sign_in().shows("What needs a person")
    asha.opens("/admin/account").shows("too many wrong proofs")
    with world.owner.connect() as connection:
        query = text("SELECT details->>'why' FROM audit_event WHERE act = 'admin.signed_out'")
        assert connection.execute(query).scalar_one() == "too many wrong proofs"


def test_a_right_proof_forgets_the_wrong_ones(asha: Desk, world: World) -> None:
    for _ in range(WRONG_PROOFS - 1):
        asha.sends(CODES, **WRONG).refuses("did not match")
    asha.sends(CODES, **asha.proof()).shows("Your new recovery codes")
    assert counted(world) == (0, 0)


def test_a_code_that_was_used_is_a_wrong_proof(asha: Desk, world: World) -> None:
    asha.sends(CODES, **asha.proof()).shows("Your new recovery codes")
    used = {**asha.proof(), "new_password": "quite another", "new_password_again": "quite another"}
    asha.sends("/admin/account/password", **used).refuses("the code was used already")
    assert counted(world) == (1, 0)


def test_of_twenty_proofs_at_once_five_are_looked_at(asha: Desk, world: World) -> None:
    session = session_of(asha, world)
    found = at_once(
        20, lambda _: in_transaction(world.database, lambda c: count_proof(c, of=session))
    )
    assert sum(candidate is not None for candidate in found) == WRONG_PROOFS
    assert counted(world) == (WRONG_PROOFS, 0)


def test_nobody_proves_in_a_session_that_is_over_or_as_who_is_shut_out(
    asha: Desk, world: World
) -> None:
    session = session_of(asha, world)
    for ended in (
        "UPDATE admin SET disabled_at = now()",
        "UPDATE admin_session SET ended_at = now(), ended_why = 'signed out'",
    ):
        with world.owner.begin() as connection:
            connection.execute(text(ended))
        assert in_transaction(world.database, lambda c: count_proof(c, of=session)) is None


def test_a_proof_for_a_session_that_ended_meanwhile_counts_for_nothing(
    asha: Desk, world: World
) -> None:
    session, key = session_of(asha, world), world.settings.staff_key
    candidate = in_transaction(world.database, lambda c: count_proof(c, of=session))
    proof = check_credentials(candidate, **asha.proof(), key=key)
    with world.owner.begin() as connection:
        connection.execute(
            text("UPDATE admin_session SET ended_at = now(), ended_why = 'ended by hand'")
        )
    with pytest.raises(WrongProof):
        in_transaction(world.database, lambda c: prove_again(c, of=session, proof=proof, key=key))
    asha.sends_sign_in().shows("What needs a person")


def session_of(desk: Desk, world: World) -> Session:
    with world.owner.connect() as connection:
        row = connection.execute(text("SELECT * FROM admin_session ORDER BY id DESC LIMIT 1")).one()
    who = Admin(row.admin_id, desk.email, None, Role.OWNER)
    return Session(row.id, who, None, row.began_at, row.proved_at, row.seen_at, is_demo=False)
