"""What is done about statements: pull one, hold it against the books, say where they differ."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import Connection, Engine

from core.alarms.raise_alarm import raise_alarm
from core.database import in_transaction, now
from core.outbox.deliver import LEASE, Done, Handler, Later, Verdict
from core.outbox.records import BACKGROUND, Job, ask
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
# A lease that ends would give the same lines to another thread.
MATCH_SECONDS: Final = LEASE.total_seconds() / 2
_TRIES: Final = 4
_TRY_AGAIN: Final = timedelta(minutes=15)


def jobs(
    *, database: Engine, source: Pull, settings: Settings, match_seconds: float = MATCH_SECONDS
) -> dict[str, Handler]:
    """The handlers by the kind of job, each safe to run twice."""
    desk = _Desk(database, source, settings, match_seconds)
    return {
        "reconcile_daily": desk.reconcile,
        "pull_statement": desk.look_for_lost,
        "match_statement": desk.match,
        "find_breaks": desk.find_breaks,
    }


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


def _call_a_person_for_breaks(connection: Connection) -> int:
    count = len(find_breaks(connection, since=BREAKS_OF))
    if count:
        why = f"M-Pesa's statement and our books differ in {count} places: see statement breaks."
        raise_alarm(connection, kind="statement_breaks", subject="statement", why=why)
    return count


@dataclass(frozen=True)
class _Desk:
    database: Engine
    source: Pull
    settings: Settings
    match_seconds: float

    def reconcile(self, job: Job) -> Verdict:
        """Have the last 48 hours held against the books, and a person called where they differ.

        Where the provider gives no statement, what is known already is held against them.
        """
        in_transaction(self.database, schedule.ask_for_next_day)
        return self._pull(job, then="find_breaks")

    def look_for_lost(self, job: Job) -> Verdict:
        """Look on the statement for what it alone can tell, if there is any such thing."""
        in_transaction(self.database, schedule.ask_for_next_hour)
        if not in_transaction(self.database, schedule.needs_a_statement):
            return Done()
        return self._pull(job, then="match_statement")

    def match(self, job: Job) -> Verdict:
        """Hold the open lines against the books, as many as there is time for."""
        self._match(job)
        return Done()

    def find_breaks(self, job: Job) -> Verdict:
        """Hold the open lines against the books, and then call for a person where they differ."""
        if self._match(job):
            count = in_transaction(self.database, _call_a_person_for_breaks)
            if count:
                log.error("statement_breaks", count=count)
        return Done()

    def _pull(self, job: Job, *, then: str) -> Verdict:
        verdict: Verdict = Done()
        try:
            imported = pull_statement(database=self.database, source=self.source)
            log.info("statement_pulled", lines=imported.n_lines, new=imported.n_new)
        except StatementNotPulled as error:
            log.warning("statement_not_pulled", attempt=job.attempts, result_code=error.code)
            if job.attempts < _TRIES:
                verdict = Later(_TRY_AGAIN, error.code)
        in_transaction(self.database, lambda c: ask(c, kind=then, priority=BACKGROUND))
        return verdict

    def _match(self, job: Job) -> bool:
        """Whether every line was looked at; if not, the same is asked for from there on."""
        matched = match_lines(
            self.database,
            settings=self.settings,
            progress=_unwatched,
            after=job.payload.get("after", 0),
            most_seconds=self.match_seconds,
        )
        log.info("statement_matched", explained=matched.explained, open=matched.unexplained)
        if matched.left_after is None:
            return True
        rest = {"after": matched.left_after}
        in_transaction(
            self.database,
            lambda c: ask(c, kind=job.kind, payload=rest, priority=BACKGROUND),
        )
        return False


def _unwatched(_lines: int) -> None:
    """Nobody sits before the worker."""
