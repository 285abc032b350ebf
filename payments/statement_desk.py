"""What is done about statements: pull one, hold it against the books, say where they differ."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.database import in_transaction, now
from core.outbox.deliver import Done, Handler, Later, Verdict
from core.outbox.records import Job
from core.settings import Settings
from core.staff.records import Admin
from core.statements import schedule
from core.statements.breaks import find_breaks
from core.statements.import_statement import Imported, import_statement
from core.statements.lines import Flow, Source, StatementNotPulled
from core.statements.match_lines import match_lines
from payments.mpesa.pull import FURTHEST_BACK, Pull
from payments.mpesa.wire import PaymentRefused, PaymentUnknown

log = structlog.get_logger()

BREAKS_OF: Final = timedelta(days=7)
_TRIES: Final = 4
_TRY_AGAIN: Final = timedelta(minutes=15)


def jobs(*, database: Engine, source: Pull, settings: Settings) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice; each asks for its next run first."""
    desk = _Desk(database, source, settings)
    return {"reconcile_daily": desk.reconcile, "pull_statement": desk.look_for_lost}


def begin(database: Engine) -> None:
    """Ask for the first run of each; where they were asked for already, nothing is added."""
    in_transaction(database, _ask_for_both)


def pull_statement(
    *, database: Engine, source: Pull, span: timedelta = FURTHEST_BACK, by: Admin | None = None
) -> Imported:
    """Fetch what was paid to the paybill in the last `span`, 48 hours at most, and keep it.

    The call is made outside of any transaction. Raises StatementNotPulled and NotAllowed.
    """
    until = in_transaction(database, now)
    since = until - min(span, FURTHEST_BACK)
    try:
        lines = source.payments(since=since, until=until)
    except (PaymentRefused, PaymentUnknown) as error:
        raise StatementNotPulled(code=error.code) from None
    return in_transaction(
        database,
        lambda c: import_statement(
            c,
            source=Source.PULL,
            money=Flow.IN,
            covers_from=since,
            covers_to=until,
            lines=lines,
            by=by,
        ),
    )


def register_pull(source: Pull, public_url: str, nominated: str) -> None:
    """Have the provider keep payments for pulling. Raises StatementNotPulled.

    It wants an address as well; nothing is known to be posted there, and nobody listens.
    """
    try:
        source.register(nominated=nominated, callback_url=f"{public_url}/payments/pull")
    except (PaymentRefused, PaymentUnknown) as error:
        raise StatementNotPulled(code=error.code) from None


def _ask_for_both(connection: Connection) -> None:
    schedule.ask_for_next_day(connection)
    schedule.ask_for_next_hour(connection)


@dataclass(frozen=True)
class _Desk:
    database: Engine
    source: Pull
    settings: Settings

    def reconcile(self, job: Job) -> Verdict:
        """Hold the last 48 hours against the books, and count where they differ.

        Where the provider gives no statement, what is known already is held against them.
        """
        in_transaction(self.database, schedule.ask_for_next_day)
        verdict = self._pull_and_match(job)
        breaks = in_transaction(self.database, lambda c: find_breaks(c, since=BREAKS_OF))
        if breaks:
            log.error("statement_breaks", count=len(breaks))
        return verdict

    def look_for_lost(self, job: Job) -> Verdict:
        """Look on the statement for what it alone can tell, if there is any such thing."""
        in_transaction(self.database, schedule.ask_for_next_hour)
        if not in_transaction(self.database, schedule.needs_a_statement):
            return Done()
        return self._pull_and_match(job)

    def _pull_and_match(self, job: Job) -> Verdict:
        verdict: Verdict = Done()
        try:
            imported = pull_statement(database=self.database, source=self.source)
            log.info("statement_pulled", lines=imported.n_lines, new=imported.n_new)
        except StatementNotPulled as error:
            log.warning("statement_not_pulled", attempt=job.attempts, result_code=error.code)
            if job.attempts < _TRIES:
                verdict = Later(_TRY_AGAIN, error.code)
        matched = match_lines(self.database, settings=self.settings, progress=_unwatched)
        log.info("statement_matched", explained=matched.explained, open=matched.unexplained)
        return verdict


def _unwatched(_lines: int) -> None:
    """Nobody sits before the worker."""
