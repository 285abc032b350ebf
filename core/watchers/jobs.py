"""What the worker does for watchers: it looks every half minute, for ever."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Handler
from core.outbox.for_ever import for_ever
from core.outbox.records import ask_for_ever
from core.watchers.rules import EACH
from core.watchers.watch_markets import watch_markets

KIND: Final = "tell_watchers"


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handler of the only kind, safe to run twice and at once."""

    def tell() -> timedelta:
        watch_markets(database)
        return EACH

    return {KIND: for_ever(tell, after_error=EACH, event="tell_watchers_failed")}


def begin(database: Engine) -> None:
    """Ask for the first look; a repeat adds nothing."""
    in_transaction(database, lambda connection: ask_for_ever(connection, kind=KIND))
