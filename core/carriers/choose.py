"""Use cases of whoever sends: what failed is kept, the way back is tried, what waited goes on."""

from sqlalchemy import Connection, case, exists, func

from core.carriers.records import sms_failure, sms_route
from core.carriers.rules import (
    FIRST,
    HURRY_EVERY,
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


def may_hurry(connection: Connection) -> bool:
    """Whether what was refused may go at once, for a provider takes messages again.

    When all of it is due the queue's order decides: codes before receipts, receipts before news.
    True at most once a minute, for one network may be down while others are not.
    """
    claimed = (
        sms_route.update()
        .where(sms_route.c.hurried_at <= func.kibeezy_now() - HURRY_EVERY)
        .values(hurried_at=func.kibeezy_now())
    )
    return connection.execute(claimed).rowcount == 1
