"""Nobody changes a fee or a limit alone, at once, or into nonsense."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from core.config.approve_value import approve_value
from core.config.in_force import read_config
from core.config.propose_value import propose_value
from core.config.rules import (
    ApprovedAlready,
    ApprovedTooLate,
    Dated,
    EmptyRange,
    TooSoon,
    ValueOutOfBounds,
)
from core.database import in_transaction, now
from core.errors import NoSuchThing
from core.staff.records import Admin, NotAllowed, Role
from core.staff.rules import SameAdmin
from core.staff.still_active import ProposerGone
from core.staff_input import InvalidFreeText, InvalidMoment
from tests.chaos.street import eventually
from tests.core.markets.test_close_account import somebody_waits
from tests.core.staff.leaving import WAYS, Leaving
from tests.world import CHEBET, DAUDI, World

HOUR = timedelta(hours=1)


@pytest.fixture
def chebet(world: World) -> Admin:
    return world.has_admin(CHEBET, Role.FINANCE)


@pytest.fixture
def daudi(world: World) -> Admin:
    return world.has_admin(DAUDI, Role.OWNER)


def propose(
    world: World,
    by: Admin,
    name: Dated = Dated.STAKE_MIN_KES,
    value: int = 50,
    *,
    ahead: timedelta = HOUR,
    moment: str | datetime | None = None,
    source: str = "the law",
) -> int:
    return in_transaction(
        world.database,
        lambda c: propose_value(
            c,
            name=name,
            value=value,
            effective_from=moment or now(c) + ahead,
            source=source,
            by=by,
        ),
    )


def approve(world: World, value_id: int, by: Admin) -> None:
    in_transaction(
        world.database,
        lambda c: approve_value(c, value_id=value_id, settings=world.settings, by=by),
    )


def smallest_stake(world: World) -> int:
    return in_transaction(
        world.database, lambda c: read_config(c, settings=world.settings).stake_range[0].shillings
    )


def test_the_proposer_cannot_approve(world: World, chebet: Admin) -> None:
    value_id = propose(world, chebet)
    with pytest.raises(SameAdmin):
        approve(world, value_id, chebet)


@pytest.mark.parametrize("leaves", WAYS)
def test_a_proposal_ends_with_its_proposer(
    world: World, chebet: Admin, daudi: Admin, leaves: Leaving
) -> None:
    value_id = propose(world, chebet)
    leaves(world, chebet)
    with pytest.raises(ProposerGone):
        approve(world, value_id, daudi)


def test_a_proposal_alone_never_counts(world: World, chebet: Admin) -> None:
    propose(world, chebet)
    world.moves(hours=2)
    assert smallest_stake(world) == 20


def test_both_acts_are_in_the_audit_trail(world: World, chebet: Admin, daudi: Admin) -> None:
    value_id = propose(world, chebet)
    approve(world, value_id, daudi)
    query = text("SELECT actor, act, details->>'value' FROM audit_event WHERE subject = :subject")
    with world.database.connect() as connection:
        found = connection.execute(query, {"subject": f"value:{value_id}"}).all()
    assert [tuple(row) for row in found] == [
        (CHEBET, "config.proposed", "50"),
        (DAUDI, "config.approved", "50"),
    ]


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_other_roles_neither_propose_nor_approve(world: World, chebet: Admin, role: Role) -> None:
    other = world.has_admin("other@kibeezy.test", role)
    with pytest.raises(NotAllowed):
        propose(world, other)
    value_id = propose(world, chebet)
    with pytest.raises(NotAllowed):
        approve(world, value_id, other)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        (Dated.STAKE_MIN_KES, 0),
        (Dated.STAKE_MAX_KES, 250_001),
        (Dated.WITHDRAWAL_MIN_KES, 9),
        (Dated.PLATFORM_FEE_BPS, 10_001),
        (Dated.WITHHOLDING_BPS, -1),
    ],
)
def test_a_value_out_of_bounds_is_not_proposed(
    world: World, chebet: Admin, name: Dated, value: int
) -> None:
    with pytest.raises(ValueOutOfBounds):
        propose(world, chebet, name, value)


def test_a_value_counts_a_minute_ahead_at_the_soonest(world: World, chebet: Admin) -> None:
    with pytest.raises(TooSoon):
        propose(world, chebet, ahead=timedelta(seconds=59))
    propose(world, chebet, ahead=timedelta(seconds=65))


@pytest.mark.parametrize("moment", ["soon", "2099-12-01T00:00", "2099-12-01", "3001-01-01T00:00Z"])
def test_a_moment_has_its_offset(world: World, chebet: Admin, moment: str) -> None:
    with pytest.raises(InvalidMoment):
        propose(world, chebet, moment=moment)


def test_a_value_has_a_source(world: World, chebet: Admin) -> None:
    with pytest.raises(InvalidFreeText):
        propose(world, chebet, source=" ")


def test_an_approval_is_given_once_and_in_time(world: World, chebet: Admin, daudi: Admin) -> None:
    approved, late = propose(world, chebet), propose(world, chebet, value=60)
    approve(world, approved, daudi)
    with pytest.raises(ApprovedAlready):
        approve(world, approved, daudi)
    with pytest.raises(NoSuchThing):
        approve(world, 999, daudi)
    world.moves(hours=1)
    with pytest.raises(ApprovedTooLate):
        approve(world, late, daudi)
    assert smallest_stake(world) == 50


def test_a_range_is_never_empty(world: World, chebet: Admin, daudi: Admin) -> None:
    too_high = propose(world, chebet, Dated.STAKE_MIN_KES, 30_000, ahead=2 * HOUR)
    with pytest.raises(EmptyRange):
        approve(world, too_high, daudi)
    approve(world, propose(world, chebet, Dated.STAKE_MAX_KES, 40_000), daudi)
    approve(world, too_high, daudi)
    # It would be fine when it begins, but not once the smallest stake has risen.
    with pytest.raises(EmptyRange):
        approve(world, propose(world, chebet, Dated.STAKE_MAX_KES, 25_000, ahead=HOUR), daudi)
    approve(world, propose(world, chebet, Dated.STAKE_MAX_KES, 30_000, ahead=3 * HOUR), daudi)


def test_a_range_that_the_environment_emptied_can_be_put_right(
    world: World, chebet: Admin, daudi: Admin
) -> None:
    world.agrees_on(Dated.STAKE_MIN_KES, 50, counts_in=timedelta(minutes=2))
    world.moves(minutes=3)
    value_id = propose(world, chebet, Dated.STAKE_MAX_KES, 100)
    lowered = world.settings.model_copy(update={"stake_max_kes": 40})
    in_transaction(
        world.database,
        lambda c: approve_value(c, value_id=value_id, settings=lowered, by=daudi),
    )


def test_of_two_approvals_that_empty_a_range_together_the_second_waits_and_is_refused(
    world: World, chebet: Admin, daudi: Admin
) -> None:
    smallest = propose(world, chebet, Dated.STAKE_MIN_KES, 15_000)
    largest = propose(world, chebet, Dated.STAKE_MAX_KES, 10_000)
    with world.database.connect() as first, ThreadPoolExecutor(1) as pool:
        approve_value(first, value_id=smallest, settings=world.settings, by=daudi)
        second = pool.submit(approve, world, largest, daudi)
        eventually(lambda: somebody_waits(world) or second.done())
        first.commit()
        with pytest.raises(EmptyRange):
            second.result()
