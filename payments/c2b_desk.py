"""What the worker does about confirmations of paybill payments: it reads them."""

from functools import partial

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.outbox.deliver import Done, Handler, Verdict
from core.outbox.records import Job
from core.paybill.hear_payment import hear_callback
from core.settings import Settings
from payments.mpesa.c2b import read_payment

log = structlog.get_logger()


def jobs(*, database: Engine, settings: Settings) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice."""
    read = partial(read_payment, shortcode=settings.mpesa_shortcode)

    def hear(job: Job) -> Verdict:
        callback_id = int(job.payload["callback_id"])
        hearing = in_transaction(
            database,
            lambda c: hear_callback(c, callback_id=callback_id, read=read, settings=settings),
        )
        log.info("confirmation_heard", callback=callback_id, verdict=hearing)
        return Done()

    return {"c2b_callback": hear}
