"""Two people put money where it belongs, and the database holds them to it."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, text, update
from sqlalchemy.exc import DBAPIError

from core.database import in_transaction
from core.errors import Refused
from core.money import kes
from core.paybill.place_payment import (
    NotInSuspense,
    PlayerLeft,
    approve_placement,
    cancel_placement,
    propose_placement,
)
from core.players.records import player
from core.provider.decide import NotOpen, OwnMoney, ProposedAlready
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from tests.core.paybill.payer import is_heard, pays
from tests.world import World

WANJIRU, OTIENO = "+254700000001", "+254700000002"


@pytest.fixture
def asha(world: World) -> Admin:
    return world.has_admin("asha@kibeezy.test", Role.FINANCE)


@pytest.fixture
def baraka(world: World) -> Admin:
    return world.has_admin("baraka@kibeezy.test", Role.OWNER)


@pytest.fixture
def stray(world: World) -> int:
    """KES 500 for an account that nobody has; Wanjiru says that it is hers."""
    world.has_player(WANJIRU)
    world.has_player(OTIENO)
    return pays(world, account="0700 000 00l")


def proposes(world: World, stray: int, by: Admin, phone: str = WANJIRU) -> None:
    in_transaction(
        world.database,
        lambda c: propose_placement(c, paybill_id=stray, phone=phone, evidence=None, by=by),
    )


def approves(world: World, stray: int, by: Admin) -> None:
    in_transaction(world.database, lambda c: approve_placement(c, paybill_id=stray, by=by))


def test_two_people_place_it(world: World, stray: int, asha: Admin, baraka: Admin) -> None:
    proposes(world, stray, asha)
    assert world.wallet(WANJIRU) == kes(0)
    approves(world, stray, baraka)
    assert world.wallet(WANJIRU) == kes(500)
    with pytest.raises(NotInSuspense):
        approves(world, stray, baraka)
    with pytest.raises(NotInSuspense):
        proposes(world, stray, baraka, OTIENO)
    assert world.wallet(WANJIRU) == kes(500)


def test_the_account_that_was_typed_is_nobody_s_evidence(
    world: World, stray: int, asha: Admin, baraka: Admin
) -> None:
    """It is mostly a phone number, and these three are never deleted."""
    proposes(world, stray, asha)
    approves(world, stray, baraka)
    with world.database.connect() as connection:
        kept = [
            *connection.execute(text("SELECT evidence FROM decision")).scalars(),
            *connection.execute(text("SELECT details::text FROM audit_event")).scalars(),
            *connection.execute(text("SELECT coalesce(reason, '') FROM transfer")).scalars(),
        ]
    assert "unknown account" in kept
    assert not [one for one in kept if "0700 000 00l" in one]


def test_nobody_places_alone(world: World, stray: int, asha: Admin) -> None:
    proposes(world, stray, asha)
    with pytest.raises(SameAdmin):
        approves(world, stray, asha)
    assert world.wallet(WANJIRU) == kes(0)


def test_nobody_places_with_their_own_phone(
    world: World, stray: int, asha: Admin, baraka: Admin
) -> None:
    herself = world.has_admin("wanjiru@kibeezy.test", Role.FINANCE, phone=WANJIRU)
    with pytest.raises(OwnMoney):
        proposes(world, stray, herself)
    proposes(world, stray, asha)
    with pytest.raises(OwnMoney):
        approves(world, stray, herself)
    approves(world, stray, baraka)


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_only_owner_and_finance(world: World, stray: int, asha: Admin, role: Role) -> None:
    other = world.has_admin("other@kibeezy.test", role)
    with pytest.raises(NotAllowed):
        proposes(world, stray, other)
    proposes(world, stray, asha)
    for act in (approves, cancels):
        with pytest.raises(NotAllowed):
            act(world, stray, other)


def cancels(world: World, stray: int, by: Admin) -> None:
    in_transaction(world.database, lambda c: cancel_placement(c, paybill_id=stray, by=by))


def test_a_proposal_is_taken_back_never_replaced(
    world: World, stray: int, asha: Admin, baraka: Admin
) -> None:
    proposes(world, stray, asha)
    with pytest.raises(ProposedAlready):
        proposes(world, stray, baraka, OTIENO)
    cancels(world, stray, asha)
    with pytest.raises(NotOpen):
        cancels(world, stray, asha)
    with pytest.raises(NotOpen):
        approves(world, stray, baraka)
    proposes(world, stray, baraka, OTIENO)
    approves(world, stray, asha)
    assert (world.wallet(WANJIRU), world.wallet(OTIENO)) == (kes(0), kes(500))


def test_a_closed_account_takes_nothing(
    world: World, stray: int, asha: Admin, baraka: Admin
) -> None:
    proposes(world, stray, asha)
    with world.owner.begin() as connection:
        close = update(player).where(player.c.phone == WANJIRU)
        connection.execute(close.values(closed_at=func.now()))
    with pytest.raises(PlayerLeft):
        approves(world, stray, baraka)
    cancels(world, stray, asha)
    with pytest.raises(PlayerLeft):
        proposes(world, stray, asha)


def test_what_is_only_heard_cannot_be_placed(world: World, asha: Admin) -> None:
    world.has_player(WANJIRU)
    heard = is_heard(world, account="nobody")
    with pytest.raises(NotInSuspense):
        proposes(world, heard, asha)


def test_two_approvals_at_once_place_once(
    world: World, stray: int, asha: Admin, baraka: Admin
) -> None:
    third = world.has_admin("third@kibeezy.test", Role.OWNER)
    proposes(world, stray, asha)
    together = threading.Barrier(2)

    def approve(by: Admin) -> bool:
        together.wait()
        try:
            approves(world, stray, by)
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(approve, [baraka, third])) == [False, True]
    assert world.wallet(WANJIRU) == kes(500)


def test_the_database_knows_two_people_and_own_money_too(
    world: World, stray: int, asha: Admin
) -> None:
    """As somebody would who has the application's login and writes SQL by hand."""
    proposes(world, stray, asha)
    for change in ("agreed_by = proposed_by, agreed_at = now()", "player_id = player_id + 1"):
        with pytest.raises(DBAPIError), world.database.begin() as connection:
            connection.execute(text(f"UPDATE decision SET {change}"))
