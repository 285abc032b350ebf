"""What the database refuses about staff, also to whoever can write SQL as the application."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import text

from core.database import in_transaction
from core.staff.disable_admin import TooFewOwners, disable_admin
from core.staff.hire import hire
from core.staff.records import Admin, NotAllowed, Role
from core.staff.roles import approve_role, propose_role
from tests.core.ledger.test_attacks import attempt
from tests.world import World

REFUSED = "23514"
NO_RIGHT = "42501"
SESSION = "INSERT INTO admin_session (admin_id, token_mac, address, device) VALUES (1, 'x', '', '')"
GRANT = "INSERT INTO admin_role_grant (admin_id, role, why, proposed_by) VALUES"


@pytest.fixture
def staff(world: World) -> list[Admin]:
    """Three owners, then a viewer, numbered from 1."""
    owners = [world.has_admin(f"{name}@kibeezy.test", Role.OWNER) for name in ("a", "b", "c")]
    viewer = world.has_admin("d@kibeezy.test", Role.VIEWER)
    assert [each.id for each in (*owners, viewer)] == [1, 2, 3, 4]
    return [*owners, viewer]


@pytest.mark.usefixtures("staff")
@pytest.mark.parametrize(
    ("state", "statements"),
    [
        (NO_RIGHT, ["UPDATE admin SET role = 'owner' WHERE id = 4"]),
        (NO_RIGHT, ["UPDATE admin SET is_demo = false WHERE id = 4"]),
        (NO_RIGHT, ["DELETE FROM admin_session"]),
        (NO_RIGHT, [f"{GRANT} (4, 'owner', 'x', 1)", "UPDATE admin_role_grant SET role = 'x'"]),
        # Twice the same owner, the one whom it is about, one who is no owner, one who is shut out.
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "APPROVE 1"]),
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "APPROVE 4"]),
        (REFUSED, [f"{GRANT} (3, 'viewer', 'x', 1)", "APPROVE 3"]),
        (REFUSED, [f"{GRANT} (3, 'viewer', 'x', 4)", "APPROVE 1"]),
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "SHUT OUT 2", "APPROVE 2"]),
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "SHUT OUT 1", "APPROVE 2"]),
        # What is decided stays so.
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "WITHDRAW", "APPROVE 2"]),
        (REFUSED, [f"{GRANT} (4, 'owner', 'x', 1)", "APPROVE 2", "WITHDRAW"]),
        (REFUSED, ["SHUT OUT 4", "UPDATE admin SET disabled_at = NULL WHERE id = 4"]),
        (REFUSED, ["SHUT OUT 4", "UPDATE admin SET disabled_at = now() WHERE id = 4"]),
        (REFUSED, ["UPDATE admin SET totp_last_step = 9", "UPDATE admin SET totp_last_step = 8"]),
        (REFUSED, [SESSION, "END", "UPDATE admin_session SET ended_at = NULL, ended_why = NULL"]),
        (REFUSED, [SESSION, "END", "UPDATE admin_session SET seen_at = now()"]),
        (
            REFUSED,
            [
                "INSERT INTO admin_recovery_code (admin_id, mac) VALUES (1, 'x')",
                "UPDATE admin_recovery_code SET used_at = now()",
                "UPDATE admin_recovery_code SET used_at = NULL",
            ],
        ),
        (
            REFUSED,
            [
                "INSERT INTO admin_enrolment (admin_id, code_mac, nonce) VALUES (1, 'x', 'x')",
                "UPDATE admin_enrolment SET used_at = now()",
                "UPDATE admin_enrolment SET used_at = NULL",
            ],
        ),
    ],
)
def test_the_database_refuses(world: World, state: str, statements: list[str]) -> None:
    assert attempt(world.database, *map(_spelled, statements)) == state


def _spelled(statement: str) -> str:
    match statement.rsplit(" ", 1):
        case ["APPROVE", who]:
            return f"UPDATE admin_role_grant SET approved_by = {who}, approved_at = now()"
        case ["SHUT OUT", who]:
            return f"UPDATE admin SET disabled_at = '2026-01-01' WHERE id = {who}"
        case ["WITHDRAW"]:
            return "UPDATE admin_role_grant SET withdrawn_at = now()"
        case ["END"]:
            return "UPDATE admin_session SET ended_at = now(), ended_why = 'signed out'"
        case _:
            return statement


def test_two_owners_grant_what_nobody_can_write(world: World, staff: list[Admin]) -> None:
    asha, baraka, _, viewer = staff
    with world.database.begin() as connection:
        connection.execute(text("UPDATE admin SET totp_nonce = 'enrolled'"))
        disable_admin(connection, admin_id=viewer.id, by=asha)
        grant = propose_role(
            connection, admin_id=viewer.id, role=Role.FINANCE, why="Is back", by=asha
        )
        approve_role(connection, grant_id=grant, by=baraka)
        row = connection.execute(text("SELECT role, disabled_at FROM admin WHERE id = 4")).one()
        assert (row.role, row.disabled_at) == ("finance", None)
        [event] = connection.execute(
            text("SELECT actor, details FROM audit_event WHERE act = 'admin.role_granted'")
        )
    assert event.actor == "b@kibeezy.test"
    assert event.details["before"] == {"role": "viewer", "disabled": "true"}
    assert event.details["after"] == {"role": "finance", "disabled": "false"}


def test_only_an_owner_takes_anybody_on(world: World) -> None:
    finance = world.has_admin("e@kibeezy.test", Role.FINANCE)
    key = world.settings.staff_key
    with world.database.begin() as connection, pytest.raises(NotAllowed):
        hire(
            connection,
            email="f@kibeezy.test",
            phone=None,
            role=Role.VIEWER,
            why="",
            by=finance,
            key=key,
        )


def test_owners_who_shut_each_other_out_at_once_leave_two(world: World, staff: list[Admin]) -> None:
    owners = staff[:3]
    barrier = Barrier(3)

    def shut_out_the_next(number: int) -> bool:
        by, whom = owners[number], owners[(number + 1) % 3]
        barrier.wait(timeout=30)
        try:
            in_transaction(world.database, lambda c: disable_admin(c, admin_id=whom.id, by=by))
        except TooFewOwners:
            return False
        return True

    with ThreadPoolExecutor(3) as pool:
        assert sum(pool.map(shut_out_the_next, range(3))) == 1
