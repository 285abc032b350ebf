"""What the worker does for watchers: it looks every half minute, for ever."""

from typing import Final

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Handler, Later, Verdict
from core.outbox.records import Job, ask_for_ever
from core.watchers.rules import EACH
from core.watchers.watch_markets import watch_markets

log = structlog.get_logger()

KIND: Final = "tell_watchers"


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handler of the only kind, safe to run twice and at once.

    A run never ends in an error, or nobody would look again.
    """

    def tell(job: Job) -> Verdict:
        try:
            watch_markets(database)
        except Exception as error:
            log.exception("tell_watchers_failed", attempt=job.attempts)
            return Later(EACH, type(error).__name__)
        return Later(EACH)

    return {KIND: tell}


def begin(database: Engine) -> None:
    """Ask for the first look; a repeat adds nothing."""
    in_transaction(database, lambda connection: ask_for_ever(connection, kind=KIND))
