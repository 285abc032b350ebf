"""What the worker does for the seal: a block each minute, the head to its witnesses each day.

What is sealed is final, so it is added to the sums of days at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.alarms.raise_alarm import raise_alarm
from core.database import in_transaction
from core.ledger.sum_days import sum_days
from core.outbox.deliver import LEASE, Done, Handler, Verdict
from core.outbox.records import Job
from core.seal import schedule
from core.seal.head import oldest_unsealed_seconds
from core.seal.publish_head import publish_head
from core.seal.seal_ledger import LATE_AFTER, SealBehind, seal_ledger

log = structlog.get_logger()

# The last block may take as long again before the lease ends. One that takes longer goes on, and
# whoever else is asked to seal meanwhile leaves at once.
SEAL_SECONDS: Final = LEASE.total_seconds() / 2
SUM_SECONDS: Final = LEASE.total_seconds() / 6
_LATE: Final = "Transfers wait for their seal: see seal_late and job_failed in the log."
_BEHIND: Final = "The seal is ahead of this database, as after a restored dump: stop, see docs."


def jobs(*, database: Engine, witnesses: Sequence[str]) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice."""
    keeper = _Keeper(database, tuple(witnesses))
    return {"seal_ledger": keeper.seal, "publish_head": keeper.publish}


def begin(database: Engine) -> None:
    """Ask for the first run of each; where they were asked for already, nothing is added."""

    def ask_for_both(connection: Connection) -> None:
        schedule.ask_for_next_minute(connection)
        schedule.ask_for_next_morning(connection)

    in_transaction(database, ask_for_both)


@dataclass(frozen=True)
class _Keeper:
    database: Engine
    witnesses: tuple[str, ...]

    def seal(self, _job: Job) -> Verdict:
        """Seal what has become final, and call for a person where something does not."""
        in_transaction(self.database, schedule.ask_for_next_minute)
        try:
            blocks = seal_ledger(self.database, most_seconds=SEAL_SECONDS)
            if blocks:
                log.info("ledger_sealed", blocks=blocks)
            sum_days(self.database, most_seconds=SUM_SECONDS)
        except SealBehind:
            log.exception("seal_behind")
            in_transaction(self.database, lambda c: _call_a_person(c, _BEHIND))
        finally:
            # Also where sealing failed: it fails again each minute, and nobody would know.
            in_transaction(self.database, _call_where_late)
        return Done()

    def publish(self, _job: Job) -> Verdict:
        """Tell today's head."""
        in_transaction(self.database, schedule.ask_for_next_morning)
        in_transaction(self.database, lambda c: publish_head(c, witnesses=self.witnesses))
        return Done()


def _call_where_late(connection: Connection) -> None:
    waiting = oldest_unsealed_seconds(connection)
    if waiting > LATE_AFTER.total_seconds():
        log.error("seal_late", seconds=round(waiting))
        _call_a_person(connection, _LATE)


def _call_a_person(connection: Connection, why: str) -> None:
    raise_alarm(connection, kind="seal", subject="ledger", why=why)
