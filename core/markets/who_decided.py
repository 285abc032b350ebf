"""The people behind a market's result, by their e-mail addresses."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from core.markets.market import Market
from core.staff.records import admin


class WhoDecided(NamedTuple):
    """None where nobody has yet, or where the system did."""

    proposed_by: str | None
    resolved_by: str | None


def who_decided(connection: Connection, *, market: Market) -> WhoDecided:
    """Who proposed the present result, and who resolved it."""
    people = select(admin.c.id, admin.c.email).where(
        admin.c.id.in_([market.proposed_by, market.resolved_by])
    )
    emails: dict[int | None, str] = {row.id: row.email for row in connection.execute(people)}
    return WhoDecided(emails.get(market.proposed_by), emails.get(market.resolved_by))
