"""Use cases of whoever sends: what failed is kept, and one message at a time looks the way back."""

from sqlalchemy import Connection, case, exists, func

from core.carriers.records import sms_failure, sms_route
from core.carriers.rules import (
    FIRST,
    PROBE_EVERY,
    PROBE_EVERY_IN_TROUBLE,
    TROUBLE,
    Carrier,
)


def note_failure(connection: Connection, *, carrier: Carrier, reason: str) -> None:
    """Keep that the provider did not take a message, or did not say so; each time anew."""
    connection.execute(sms_failure.insert().values(carrier=carrier, reason=reason))


def take_probe(connection: Connection) -> bool:
    """Whether the next message tries the first provider, while the other carries.

    Of all workers one gets it, each half minute; each two while the first is in trouble.
    """
    lately = exists().where(
        sms_failure.c.carrier == FIRST, sms_failure.c.at > func.kibeezy_now() - TROUBLE
    )
    pause = case((lately, PROBE_EVERY_IN_TROUBLE), else_=PROBE_EVERY)
    taken = (
        sms_route.update()
        .where(
            sms_route.c.carrier != FIRST,
            sms_route.c.forced_by.is_(None),
            sms_route.c.probe_at <= func.kibeezy_now(),
        )
        .values(probe_at=func.kibeezy_now() + pause)
    )
    return connection.execute(taken).rowcount == 1
