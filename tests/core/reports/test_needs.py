"""Whatever waits for a person is found, and nothing where nothing waits."""

from datetime import datetime

from core.database import in_transaction, now
from core.money import kes
from core.outbox.records import ask
from core.reports.needs import MOST_COUNTED, Need, NeedKind, find_needs
from tests.core.reports.busy_evening import BusyEvening, all_is_looked_at
from tests.world import World

# Of these several come at once, or one stands for all.
_SEVERAL = {
    NeedKind.INVARIANT_BROKEN,
    NeedKind.INVARIANT_UNCHECKED,
    NeedKind.SMS_WAITING,
    NeedKind.SEAL_LATE,
}


def needs_of(world: World) -> list[Need]:
    return in_transaction(world.database, find_needs)


def of_kind(world: World, kind: NeedKind) -> Need | None:
    return next((need for need in needs_of(world) if need.kind is kind), None)


def moment(world: World) -> datetime:
    return in_transaction(world.database, now)


def test_where_nobody_is_needed_there_is_nothing(world: World) -> None:
    world.has_player(balance=kes(100))
    world.settles(world.has_market(), "yes")
    world.has_market()
    all_is_looked_at(world)
    assert needs_of(world) == []


def test_whatever_waits_is_counted_with_the_moment_since_when(world: World) -> None:
    evening = BusyEvening.begins(world)
    all_is_looked_at(world)
    assert needs_of(world) == []
    assert set(evening.trouble) == set(NeedKind), "each kind is tried"
    for kind, begins in evening.trouble.items():
        before, began = of_kind(world, kind), moment(world)
        begins()
        need = of_kind(world, kind)
        assert need is not None, kind
        if kind not in _SEVERAL:
            assert need.count == (before.count if before else 0) + 1, kind
        if before is None and need.oldest is not None and kind not in _SEVERAL:
            assert began <= need.oldest <= moment(world), kind
    evening.ends()


def test_the_most_urgent_come_first(world: World) -> None:
    evening = BusyEvening.begins(world)
    all_is_looked_at(world)
    for begins in evening.trouble.values():
        begins()
    order = list(NeedKind)
    found = [order.index(need.kind) for need in needs_of(world)]
    assert found == sorted(found)
    unseen = {kind for number, kind in enumerate(order) if number not in found}
    assert unseen == {NeedKind.SEAL_LATE}, "a chain that is ahead has sealed everything, it says"
    evening.ends()


def test_very_many_are_counted_as_far_as_it_matters(world: World) -> None:
    with world.database.begin() as connection:
        for number in range(MOST_COUNTED + 1):
            ask(connection, kind="send_sms", key=str(number))
    world.moves(minutes=2)
    waiting = of_kind(world, NeedKind.SMS_WAITING)
    assert waiting is not None
    assert waiting.count == MOST_COUNTED
