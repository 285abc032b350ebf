"""A kind of money stops and runs again, and nothing moves in between."""

import pytest
from sqlalchemy import text

from core.alarms.list_alarms import open_alarms
from core.database import in_transaction
from core.money import kes
from core.staff.records import Admin, NotAllowed, Role
from core.staff_input import InvalidFreeText
from core.switches.records import SwitchState, ensure_running, list_switches
from core.switches.rules import Stopped, Switch
from core.switches.start import start
from core.switches.stop import stop
from core.text import Language
from tests.core.deposits.purse import Purse
from tests.world import ASHA, World


@pytest.fixture
def asha(world: World) -> Admin:
    return world.has_admin(ASHA, Role.FINANCE)


@pytest.fixture
def purse(world: World) -> Purse:
    return Purse.of_a_new_player(world, phone="+254700000001")


def stops(world: World, by: Admin | str, kind: Switch = Switch.DEPOSITS, why: str = "Why") -> bool:
    return in_transaction(world.database, lambda c: stop(c, kind=kind, why=why, by=by))


def starts(world: World, by: Admin) -> bool:
    return in_transaction(
        world.database, lambda c: start(c, kind=Switch.DEPOSITS, why="Put right", by=by)
    )


def states(world: World) -> list[SwitchState]:
    return in_transaction(world.database, list_switches)


def acts(world: World) -> list[tuple[str, str]]:
    query = "SELECT actor, act FROM audit_event WHERE act LIKE 'switch.%' ORDER BY id"
    with world.database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def test_every_kind_runs_until_it_is_stopped(world: World) -> None:
    assert [state.kind for state in states(world)] == list(Switch)
    with world.database.connect() as connection:
        for kind in Switch:
            ensure_running(connection, kind=kind)


def test_no_deposit_is_asked_for_while_deposits_are_stopped(purse: Purse, asha: Admin) -> None:
    before = purse.asks(kes(100), key="before")
    assert stops(purse.world, asha)
    with pytest.raises(Stopped) as refusal:
        purse.asks(kes(200))
    assert refusal.value.text.in_(Language.ENGLISH) == (
        "Deposits are paused for now. No money was taken."
    )
    assert purse.world.count("deposit") == 1
    assert purse.asks(kes(100), key="before").id == before.id, "a repeat is no new deposit"

    purse.is_left_alone(before)
    assert starts(purse.world, asha)
    assert purse.asks(kes(200)).amount == kes(200)


def test_the_other_kind_runs_on(purse: Purse, asha: Admin) -> None:
    assert stops(purse.world, asha, Switch.WITHDRAWALS)
    assert purse.asks(kes(200)).amount == kes(200)
    with purse.world.database.connect() as connection, pytest.raises(Stopped):
        ensure_running(connection, kind=Switch.WITHDRAWALS)


def test_a_stop_is_audited_and_raises_an_alarm(world: World, asha: Admin) -> None:
    stops(world, asha, why="The books do not balance.")
    [alarm] = in_transaction(world.database, open_alarms)
    assert (alarm.kind, alarm.subject, alarm.why) == (
        "switch",
        "switch:deposits",
        "Deposits stopped. The books do not balance.",
    )
    assert acts(world) == [(ASHA, "switch.stopped")]


def test_a_repeat_changes_nothing(world: World, asha: Admin) -> None:
    assert stops(world, asha, why="first")
    assert not stops(world, "invariants", why="second")
    [deposits] = [state for state in states(world) if state.kind is Switch.DEPOSITS]
    assert (deposits.why, deposits.by) == ("first", ASHA)
    [alarm] = in_transaction(world.database, open_alarms)
    assert alarm.times == 1
    assert starts(world, asha)
    assert not starts(world, asha)
    assert acts(world) == [(ASHA, "switch.stopped"), (ASHA, "switch.started")]


def test_the_service_itself_stops_what_it_finds_broken(world: World) -> None:
    assert stops(world, "invariants")
    assert acts(world) == [("invariants", "switch.stopped")]


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_other_roles_turn_no_switch(world: World, role: Role) -> None:
    other = world.has_admin("other@kibeezy.test", role)
    with pytest.raises(NotAllowed):
        stops(world, other)
    with pytest.raises(NotAllowed):
        starts(world, other)


def test_a_stop_has_a_reason(world: World, asha: Admin) -> None:
    with pytest.raises(InvalidFreeText):
        stops(world, asha, why=" ")
