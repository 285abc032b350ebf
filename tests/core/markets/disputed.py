"""A proposed result that somebody who has bet may dispute."""

from datetime import timedelta

from sqlalchemy import text

from tests.world import World

WANJIRU, OTIENO, AKINYI = (f"+25470000000{digit}" for digit in (1, 2, 3))
WINDOW = timedelta(hours=1)


def inbox(world: World, phone: str, kind: str) -> list[str]:
    query = text("SELECT body FROM sms_out WHERE phone = :phone AND kind = :kind ORDER BY id")
    with world.database.connect() as connection:
        return list(connection.execute(query, {"phone": phone, "kind": kind}).scalars())
