"""What the worker does for watchers: it looks every half minute, for ever."""

from typing import Final

from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Handler, Later, Verdict
from core.outbox.records import Job, ask_for_ever
from core.watchers.rules import EACH
from core.watchers.watch_markets import watch_markets

KIND: Final = "tell_watchers"


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handler of the only kind, safe to run twice and at once."""

    def tell(_job: Job) -> Verdict:
        watch_markets(database)
        return Later(EACH)

    return {KIND: tell}


def begin(database: Engine) -> None:
    """Ask for the first look; a repeat adds nothing."""
    in_transaction(database, lambda connection: ask_for_ever(connection, kind=KIND))
