"""Members of staff who leave, or get another role, after they began what a second one ends."""

from collections.abc import Callable
from typing import Final

from core.database import in_transaction
from core.staff.disable_admin import disable_admin
from core.staff.records import Admin, Role
from core.staff.roles import approve_role, propose_role
from tests.world import World

Leaving = Callable[[World, Admin], object]


def is_shut_out(world: World, who: Admin) -> None:
    owner = world.has_admin("tatu@kibeezy.test", Role.OWNER)
    in_transaction(world.database, lambda c: disable_admin(c, admin_id=who.id, by=owner))


def becomes_viewer(world: World, who: Admin) -> None:
    one, other = (world.has_admin(f"{each}@kibeezy.test", Role.OWNER) for each in ("tatu", "nne"))
    grant_id = in_transaction(
        world.database,
        lambda c: propose_role(c, admin_id=who.id, role=Role.VIEWER, why="Moves", by=one),
    )
    in_transaction(world.database, lambda c: approve_role(c, grant_id=grant_id, by=other))


WAYS: Final[tuple[Leaving, ...]] = (is_shut_out, becomes_viewer)
