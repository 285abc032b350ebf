"""What the trail says of a person."""

from sqlalchemy import text

from tests.admin.staff_page.desk import Desk
from tests.world import World


def looks(world: World, desk: Desk) -> list[tuple[str, str]]:
    """What the trail says of this person, the first thing first."""
    query = text("SELECT act, subject FROM audit_event WHERE actor = :actor ORDER BY id")
    with world.database.connect() as connection:
        found = connection.execute(query, {"actor": desk.email})
        return [(row.act, row.subject) for row in found]
