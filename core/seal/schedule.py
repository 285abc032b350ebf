"""When the worker seals, and when it tells others."""

from datetime import date, time, timedelta
from typing import Final

from sqlalchemy import Connection

from core.clock import in_nairobi, next_time
from core.database import now
from core.outbox.records import BACKGROUND, ask

PUBLISHED_AT: Final = time(6)


def ask_for_next_minute(connection: Connection) -> None:
    """Ask for sealing at the next full minute; one a minute, however often it is asked."""
    due = in_nairobi(now(connection)).replace(second=0, microsecond=0) + timedelta(minutes=1)
    key = f"seal_ledger:{due:%Y-%m-%dT%H:%M}"
    ask(connection, kind="seal_ledger", key=key, at=due, priority=BACKGROUND)


def ask_for_next_morning(connection: Connection) -> None:
    """Ask for the head to be published at 06:00 in Nairobi; one a day."""
    due = next_time(now(connection), at=PUBLISHED_AT)
    ask(connection, kind="publish_head", key=f"publish_head:{due:%Y-%m-%d}", at=due)


def today(connection: Connection) -> date:
    """The day in Nairobi."""
    return in_nairobi(now(connection)).date()
