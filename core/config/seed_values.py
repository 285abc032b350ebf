"""The environment's values become the first dated ones."""

from typing import Final

from sqlalchemy import Connection, func, select

from core.audit_trail.records import record
from core.config.in_force import first_values
from core.config.records import dated_value
from core.settings import Settings

SEEDED: Final = "environment"


def seed_values(connection: Connection, *, settings: Settings) -> None:
    """Let every name that has no row count from now on as the environment says.

    A repeat adds nothing, whatever the environment says by then: from the first row on the table
    wins. Only the owner's login may.
    """
    known = set(connection.execute(select(dated_value.c.name)).scalars())
    moment = func.kibeezy_now()
    first = first_values(settings).items()
    new = {name: value for name, value in first if name not in known}
    if new:
        seeds = dated_value.insert().values(
            effective_from=moment, source=SEEDED, proposed_at=moment, approved_at=moment
        )
        connection.execute(seeds, [{"name": name, "value": new[name]} for name in new])
    for name, value in new.items():
        record(
            connection,
            actor="system",
            act="config.seeded",
            subject=f"value:{name}",
            after={"value": value},
        )
