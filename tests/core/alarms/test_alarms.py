"""An alarm reaches a person once, and stays until it has a name on it."""

from functools import partial

import pytest
from sqlalchemy import text

from core.alarms.list_alarms import Alarm, all_alarms, open_alarms
from core.alarms.raise_alarm import raise_alarm
from core.alarms.take_alarm import TakenAlready, take_alarm
from core.database import in_transaction
from core.errors import NoSuchThing
from core.gsm7 import septets
from core.staff.records import Admin, NotAllowed, Role
from tests.chaos.street import at_once
from tests.world import ASHA, World

ONE_SEGMENT = 160
OWNER, FINANCE, OTHER = "+254700000001", "+254700000002", "+254700000003"
WHY = "withdrawals stopped. Holds do not equal open withdrawals."


@pytest.fixture
def asha(world: World) -> Admin:
    asha = world.has_admin(ASHA, Role.OWNER, OWNER)
    world.has_admin("finance@kibeezy.test", Role.FINANCE, FINANCE)
    world.has_admin("silent@kibeezy.test", Role.FINANCE)
    for number, role in enumerate((Role.RESOLVER, Role.SUPPORT, Role.VIEWER)):
        world.has_admin(f"{role}@kibeezy.test", role, f"+25470000001{number}")
    return asha


def rings(world: World, subject: str = "switch:withdrawals", why: str = WHY) -> int:
    return in_transaction(
        world.database, lambda c: raise_alarm(c, kind="switch", subject=subject, why=why)
    )


def take(world: World, alarm_id: int, by: Admin) -> None:
    in_transaction(world.database, lambda c: take_alarm(c, alarm_id=alarm_id, by=by))


def waiting(world: World) -> list[Alarm]:
    return in_transaction(world.database, open_alarms)


def messages(world: World) -> list[tuple[str, str, int]]:
    query = (
        "SELECT phone, body, priority FROM sms_out"
        " JOIN outbox ON payload = jsonb_build_object('sms_id', sms_out.id) ORDER BY phone"
    )
    with world.database.connect() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def acts(world: World) -> list[str]:
    query = "SELECT act FROM audit_event WHERE act LIKE 'alarm.%' ORDER BY id"
    with world.database.connect() as connection:
        return list(connection.execute(text(query)).scalars())


@pytest.mark.usefixtures("asha")
def test_who_answers_for_money_is_told_at_once(world: World) -> None:
    number = rings(world)
    words = f"Kibeezy alarm {number}: {WHY}"
    assert messages(world) == [(OWNER, words, 10), (FINANCE, words, 10)]
    assert acts(world) == ["alarm.raised"]


@pytest.mark.usefixtures("asha")
def test_a_repeat_is_counted_and_nobody_is_told_again(world: World) -> None:
    first = rings(world)
    world.moves(minutes=5)
    assert rings(world, why="again") == first
    [alarm] = waiting(world)
    assert (alarm.times, alarm.why) == (2, WHY)
    assert alarm.last_at > alarm.raised_at
    assert len(messages(world)) == 2
    assert acts(world) == ["alarm.raised"]


@pytest.mark.usefixtures("asha")
def test_ten_at_once_are_one_alarm(world: World) -> None:
    assert len(set(at_once(*[partial(rings, world)] * 10))) == 1
    assert [alarm.times for alarm in waiting(world)] == [10]
    assert len(messages(world)) == 2


@pytest.mark.usefixtures("asha")
def test_another_subject_is_another_alarm(world: World) -> None:
    assert rings(world) != rings(world, "switch:deposits")
    assert len(messages(world)) == 4


def test_what_was_taken_rings_again(world: World, asha: Admin) -> None:
    first = rings(world)
    take(world, first, asha)
    assert waiting(world) == []
    take(world, first, asha)
    second = rings(world)
    assert second != first
    assert len(messages(world)) == 4
    assert acts(world) == ["alarm.raised", "alarm.taken", "alarm.raised"]
    known = in_transaction(world.database, all_alarms)
    assert [(alarm.id, alarm.taken_by) for alarm in known] == [(first, ASHA), (second, None)]


def test_a_taken_alarm_keeps_its_name(world: World, asha: Admin) -> None:
    alarm_id = rings(world)
    take(world, alarm_id, asha)
    with pytest.raises(TakenAlready):
        take(world, alarm_id, world.has_admin("late@kibeezy.test", Role.OWNER))
    with pytest.raises(NoSuchThing):
        take(world, 999, asha)


@pytest.mark.parametrize("role", [Role.RESOLVER, Role.SUPPORT, Role.VIEWER])
def test_other_roles_take_none(world: World, role: Role) -> None:
    alarm_id = rings(world)
    with pytest.raises(NotAllowed):
        take(world, alarm_id, world.has_admin("other@kibeezy.test", role))


@pytest.mark.usefixtures("asha")
@pytest.mark.parametrize("why", ["x" * 500, "{" * 500, "Shida \u4e2d\n\x1b\u2026 \u201cM\u201d"])
def test_an_alarm_is_one_segment_whatever_it_says(world: World, why: str) -> None:
    rings(world, why=why)
    [(_, body, _), _] = messages(world)
    assert septets(body) <= ONE_SEGMENT
    assert waiting(world)[0].why == why


@pytest.mark.usefixtures("asha")
def test_an_alarm_that_was_rolled_back_never_was(world: World) -> None:
    with world.database.connect() as connection:
        raise_alarm(connection, kind="switch", subject="x", why=WHY)
        connection.rollback()
    assert (waiting(world), messages(world), acts(world)) == ([], [], [])
