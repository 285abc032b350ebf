"""What the worker does for markets: closing on time, paying what was resolved, and telling."""

from datetime import timedelta

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.markets.close_market import close_on_time
from core.markets.market import get_market
from core.markets.rules import BEFORE_CLOSING, MarketStatus
from core.markets.settle_market import settle_market
from core.markets.tell_settled import Chunk, tell_settled
from core.outbox.deliver import Done, Handler, Later, Verdict
from core.outbox.records import Job

log = structlog.get_logger()

# A market that is not due yet was asked about too early: by then its clock has moved on.
_LOOK_AGAIN = timedelta(seconds=1)


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice."""

    def close(job: Job) -> Verdict:
        market_id = int(job.payload["market_id"])
        market = in_transaction(database, lambda c: close_on_time(c, market_id=market_id))
        if market.status in BEFORE_CLOSING:
            return Later(_LOOK_AGAIN)
        return Done()

    def settle(job: Job) -> Verdict:
        market_id = int(job.payload["market_id"])
        # Somebody else may have paid it, and it may be proposed anew by now.
        found = in_transaction(database, lambda c: get_market(c, market_id=market_id))
        if found.status not in (MarketStatus.SETTLING, MarketStatus.VOIDING):
            return Done()

        def progress(done: int, everything: int) -> None:
            log.info("market_settling", market=market_id, lines_done=done, lines=everything)

        settle_market(database, market_id=market_id, progress=progress)
        return Done()

    def tell(job: Job) -> Verdict:
        chunk = Chunk(*job.payload["chunk"])
        in_transaction(database, lambda c: tell_settled(c, chunk=chunk))
        return Done()

    return {"close_market": close, "settle_market": settle, "tell_settled": tell}
