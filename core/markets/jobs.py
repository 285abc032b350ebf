"""What the worker does for markets: closing on time, asking, reminding, voiding, paying."""

from datetime import datetime, timedelta
from functools import partial

import structlog
from sqlalchemy import Engine

from core.database import in_transaction
from core.markets.close_market import close_on_time
from core.markets.deadline import is_undecided, remind_of_result
from core.markets.end_correction import end_correction
from core.markets.market import get_market
from core.markets.rules import BEFORE_CLOSING, MarketStatus
from core.markets.settle_market import settle_market
from core.markets.tell_proposal import tell_proposal
from core.markets.tell_settled import Chunk, tell_settled
from core.markets.void_unresolved import void_unresolved
from core.outbox.deliver import Done, Handler, Later, Verdict
from core.outbox.records import Job
from core.switches.rules import Stopped

log = structlog.get_logger()

# A market that is not due yet was asked about too early: by then its clock has moved on.
_LOOK_AGAIN = timedelta(seconds=1)
# As long as a payout waits, for the same reason.
_STOPPED_PAUSE = timedelta(minutes=1)


def jobs(*, database: Engine) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice."""
    handlers = {
        "close_market": _close,
        "tell_proposal": _ask_players,
        "remind_result": _remind,
        "void_unresolved": _void,
        "end_correction": _end_correction,
        "settle_market": _settle,
        "tell_settled": _tell,
    }
    return {kind: partial(handler, database=database) for kind, handler in handlers.items()}


def _close(job: Job, *, database: Engine) -> Verdict:
    market_id = int(job.payload["market_id"])
    market = in_transaction(database, lambda c: close_on_time(c, market_id=market_id))
    if market.status in BEFORE_CLOSING:
        return Later(_LOOK_AGAIN)
    return Done()


def _ask_players(job: Job, *, database: Engine) -> Verdict:
    market_id, after = int(job.payload["market_id"]), int(job.payload["after"])
    proposed_at = datetime.fromisoformat(job.payload["proposed_at"])
    in_transaction(
        database,
        lambda c: tell_proposal(c, market_id=market_id, proposed_at=proposed_at, after=after),
    )
    return Done()


def _remind(job: Job, *, database: Engine) -> Verdict:
    market_id, name = int(job.payload["market_id"]), job.payload["name"]
    in_transaction(database, lambda c: remind_of_result(c, market_id=market_id, name=name))
    return Done()


def _void(job: Job, *, database: Engine) -> Verdict:
    market_id = int(job.payload["market_id"])
    try:
        market = in_transaction(database, lambda c: void_unresolved(c, market_id=market_id))
    except Stopped:
        return Later(_STOPPED_PAUSE, Stopped.__name__)
    if market.status in BEFORE_CLOSING:
        # A void was proposed and disputed; the deadline counts from the closing.
        return Later(max(market.closes_at - market.as_of, _LOOK_AGAIN))
    if not is_undecided(market) or market.deadline is None:
        return Done()
    # A proposal has postponed it.
    return Later(max(market.deadline - market.as_of, _LOOK_AGAIN))


def _end_correction(job: Job, *, database: Engine) -> Verdict:
    market_id = int(job.payload["market_id"])
    ends_at = in_transaction(database, lambda c: end_correction(c, market_id=market_id))
    if ends_at is None:
        return Done()
    # Another proposal has postponed it.
    found = in_transaction(database, lambda c: get_market(c, market_id=market_id))
    return Later(max(ends_at - found.as_of, _LOOK_AGAIN))


def _settle(job: Job, *, database: Engine) -> Verdict:
    market_id = int(job.payload["market_id"])
    # Somebody else may have paid it, and it may be proposed anew by now.
    found = in_transaction(database, lambda c: get_market(c, market_id=market_id))
    if found.status not in (MarketStatus.SETTLING, MarketStatus.VOIDING):
        return Done()

    def progress(done: int, everything: int) -> None:
        log.info("market_settling", market=market_id, lines_done=done, lines=everything)

    try:
        settle_market(database, market_id=market_id, progress=progress)
    except Stopped:
        return Later(_STOPPED_PAUSE, Stopped.__name__)
    return Done()


def _tell(job: Job, *, database: Engine) -> Verdict:
    chunk = Chunk(*job.payload["chunk"])
    in_transaction(database, lambda c: tell_settled(c, chunk=chunk))
    return Done()
