"""What the worker does for players: it looks at the codes each minute, and never stops doing so."""

from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Handler, Later, Verdict
from core.outbox.records import Job, ask_for_ever
from core.players.watch_codes import watch_codes

log = structlog.get_logger()

EACH: Final = timedelta(minutes=1)
_KIND: Final = "watch_codes"


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handler of `watch_codes`. A run never ends in an error, or nobody would look again."""

    def watch(job: Job) -> Verdict:
        try:
            in_transaction(database, watch_codes)
        except Exception as error:
            log.exception("watch_codes_failed", attempt=job.attempts)
            return Later(EACH, type(error).__name__)
        return Later(EACH)

    return {_KIND: watch}


def begin(database: Engine) -> None:
    """Ask for the run; it gives itself back for ever, so a repeat adds nothing."""
    in_transaction(database, lambda connection: ask_for_ever(connection, kind=_KIND))
