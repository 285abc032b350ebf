"""A job whose every run ends in another."""

from collections.abc import Callable
from datetime import timedelta

import structlog

from core.outbox.deliver import Handler, Later, Verdict
from core.outbox.records import Job

log = structlog.get_logger()


def for_ever(run: Callable[[], timedelta], *, after_error: timedelta, event: str) -> Handler:
    """The handler of what was asked for with `ask_for_ever`; `run` tells when it is due again.

    An error is logged as this event and ends no job: what fails too often is set aside, and nobody
    would look again.
    """

    def handle(job: Job) -> Verdict:
        try:
            return Later(run())
        except Exception as error:
            log.exception(event, kind=job.kind, attempt=job.attempts)
            return Later(after_error, type(error).__name__)

    return handle
