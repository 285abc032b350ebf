"""What the worker does for players: it looks at the codes each minute, and never stops doing so."""

from datetime import timedelta
from typing import Final

from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Handler
from core.outbox.for_ever import for_ever
from core.outbox.records import ask_for_ever
from core.players.watch_codes import watch_codes

EACH: Final = timedelta(minutes=1)
_KIND: Final = "watch_codes"


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handler of `watch_codes`, safe to run twice."""

    def watch() -> timedelta:
        in_transaction(database, watch_codes)
        return EACH

    return {_KIND: for_ever(watch, after_error=EACH, event="watch_codes_failed")}


def begin(database: Engine) -> None:
    """Ask for the run; it gives itself back for ever, so a repeat adds nothing."""
    in_transaction(database, lambda connection: ask_for_ever(connection, kind=_KIND))
