"""Whoever has taken over the application's login, and speaks SQL."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database import sql_state
from tests.world import World

# How the database refuses: a step or a moment, what is frozen, one person for two, a constraint.
GUARDED, STANDS, TWO_PEOPLE, CHECKED = "KB006", "KB005", "KB007", "23514"


def says(
    world: World, market_id: int, change: Mapping[str, object], *, first: str = ""
) -> str | None:
    """Try the change as the application, past the use cases; then take it back."""
    values = ", ".join(f"{column} = {_value(new)}" for column, new in change.items())
    return attacks(world, f"{first} UPDATE market SET {values} WHERE id = {market_id}")


def attacks(world: World, statements: str) -> str | None:
    with world.database.connect() as connection:
        try:
            connection.execute(text(statements))
        except DBAPIError as error:
            return sql_state(error)
    return None


def _value(new: object) -> str:
    match new:
        case None:
            return "NULL"
        case str() if "@" in new:
            return f"(SELECT id FROM admin WHERE email = '{new}')"
        case str():
            return f"'{new}'"
        case _:
            return str(new)
