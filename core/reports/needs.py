"""What waits for a person now, each with how many there are and since when the oldest waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection, text

from core.carriers.records import who_carries
from core.carriers.rules import FIRST
from core.database import now
from core.paybill.rules import LATE_AFTER as UNPROVEN_AFTER
from core.seal.head import is_behind_the_chain, oldest_unsealed_seconds
from core.seal.seal_ledger import LATE_AFTER
from core.switches.records import list_switches
from core.watch.records import Standing, State, list_standings

# Counted no further: "1,000 or more" calls as loudly as the number itself.
MOST_COUNTED: Final = 1_000


class NeedKind(StrEnum):
    """What a person must do something about, the most urgent first."""

    SEAL_BEHIND = "seal_behind"
    INVARIANT_BROKEN = "invariant_broken"
    SWITCH_OFF = "switch_off"
    INVARIANT_UNCHECKED = "invariant_unchecked"
    DISPUTE = "dispute"
    RESULT_TO_RESOLVE = "result_to_resolve"
    RESULT_MISSING = "result_missing"
    DECISION_TO_APPROVE = "decision_to_approve"
    DEPOSIT_UNCLEAR = "deposit_unclear"
    WITHDRAWAL_LARGE = "withdrawal_large"
    WITHDRAWAL_UNCLEAR = "withdrawal_unclear"
    PAYBILL_SUSPENSE = "paybill_suspense"
    PAYBILL_UNPROVEN = "paybill_unproven"
    STATEMENT_TO_APPROVE = "statement_to_approve"
    STATEMENT_BREAK = "statement_break"
    MPESA_LATE_IN = "mpesa_late_in"
    MPESA_LATE_OUT = "mpesa_late_out"
    SMS_WAITING = "sms_waiting"
    SMS_ROUTE_AWAY = "sms_route_away"
    JOB_SET_ASIDE = "job_set_aside"
    SEAL_LATE = "seal_late"
    DRAFT_TO_APPROVE = "draft_to_approve"
    VALUE_TO_APPROVE = "value_to_approve"
    ROLE_TO_APPROVE = "role_to_approve"


@dataclass(frozen=True)
class Need:
    """So many of a kind, MOST_COUNTED at most, the oldest since a moment, where that is known.

    `about` names what it is, where it is one thing: a switch, an invariant, a provider.
    """

    kind: NeedKind
    count: int
    oldest: datetime | None
    about: str = ""


# Of each kind the moments since when its items wait; each is one look at an index, which is named.
# market_by_status; deposit_for_people; withdrawal_in_review, withdrawal_open; decision_open_*;
# paybill_payment_open; statement_line_unmatched; outbox_waiting; outbox_set_aside;
# admin_role_grant_open. Statements, drafts and dated values are few.
_WAITING: Final[Mapping[NeedKind, str]] = {
    NeedKind.DISPUTE: """
        SELECT d.raised_at AS since FROM market m JOIN dispute d
            ON d.market_id = m.id AND d.proposed_at = m.proposed_at AND d.ruling IS NULL
        WHERE m.status = 'proposed'""",
    NeedKind.RESULT_TO_RESOLVE: """
        SELECT coalesce(challenge_ends_at, proposed_at) AS since FROM market m
        WHERE status = 'proposed' AND coalesce(challenge_ends_at, proposed_at) <= kibeezy_now()
          AND NOT EXISTS (SELECT FROM dispute d WHERE d.market_id = m.id
                          AND d.proposed_at = m.proposed_at AND d.ruling IS NULL)""",
    NeedKind.RESULT_MISSING: """
        SELECT coalesce(closed_at, closes_at) AS since FROM market WHERE status = 'closed'
        UNION ALL SELECT closes_at FROM market WHERE status IN ('open', 'suspended')
            AND closes_at < kibeezy_now() - interval '5 minutes'""",
    NeedKind.DRAFT_TO_APPROVE: "SELECT created_at AS since FROM market WHERE status = 'draft'",
    NeedKind.DECISION_TO_APPROVE: """
        SELECT proposed_at AS since FROM decision
        WHERE agreed_at IS NULL AND withdrawn_at IS NULL""",
    NeedKind.DEPOSIT_UNCLEAR: """
        SELECT requested_at AS since FROM deposit
        WHERE review IS NOT NULL OR state = 'unresolved'""",
    NeedKind.MPESA_LATE_IN: """
        SELECT requested_at AS since FROM deposit
        WHERE state IN ('submitting', 'pending', 'submit_unknown') AND review IS NULL
          AND requested_at < kibeezy_now() - interval '15 minutes'""",
    NeedKind.WITHDRAWAL_LARGE: """
        SELECT requested_at AS since FROM withdrawal w
        WHERE state = 'requested' AND needs_release AND NOT EXISTS (
            SELECT FROM decision d WHERE d.withdrawal_id = w.id AND d.outcome = 'released'
              AND d.agreed_at IS NOT NULL)""",
    NeedKind.WITHDRAWAL_UNCLEAR: """
        SELECT requested_at AS since FROM withdrawal WHERE review IS NOT NULL OR state = 'manual'
        """,
    NeedKind.MPESA_LATE_OUT: """
        SELECT sent_at AS since FROM withdrawal
        WHERE state IN ('sending', 'accepted', 'unknown') AND review IS NULL
          AND sent_at < kibeezy_now() - interval '15 minutes'""",
    NeedKind.PAYBILL_SUSPENSE: """
        SELECT heard_at AS since FROM paybill_payment WHERE state = 'suspense'""",
    NeedKind.PAYBILL_UNPROVEN: """
        SELECT heard_at AS since FROM paybill_payment WHERE state = 'unproven'
            OR (state = 'heard'
                AND heard_at < kibeezy_now() - cast(:unproven_after AS interval))""",
    NeedKind.STATEMENT_TO_APPROVE: """
        SELECT imported_at AS since FROM statement_import
        WHERE source = 'csv' AND approved_at IS NULL""",
    NeedKind.STATEMENT_BREAK: """
        SELECT completed_at AS since FROM statement_line
        WHERE matched_at IS NULL AND break IS NOT NULL""",
    NeedKind.SMS_WAITING: """
        SELECT due_at AS since FROM outbox WHERE done_at IS NULL AND set_aside_at IS NULL
          AND due_at < kibeezy_now() - interval '1 minute' AND kind IN ('send_sms', 'send_code')""",
    NeedKind.JOB_SET_ASIDE: """
        SELECT set_aside_at AS since FROM outbox
        WHERE done_at IS NULL AND set_aside_at IS NOT NULL""",
    NeedKind.VALUE_TO_APPROVE: """
        SELECT proposed_at AS since FROM dated_value
        WHERE approved_at IS NULL AND effective_from > kibeezy_now()""",
    NeedKind.ROLE_TO_APPROVE: """
        SELECT proposed_at AS since FROM admin_role_grant
        WHERE approved_at IS NULL AND withdrawn_at IS NULL""",
}
_COUNTS: Final = text(
    " UNION ALL ".join(
        f"SELECT '{kind}' AS kind, count(*) AS n, min(since) AS oldest"  # noqa: S608 - our own text
        f" FROM ({query} LIMIT {MOST_COUNTED}) AS {kind}"
        for kind, query in _WAITING.items()
    )
)


def find_needs(connection: Connection) -> list[Need]:
    """Everything that waits for a person, the most urgent first; nothing where nobody is needed.

    It reads by indexes and counts no table, so it may be asked each few seconds.
    """
    found = [
        *_counted(connection),
        *_invariants(list_standings(connection)),
        *_switches(connection),
        *_seal(connection),
        *_route(connection),
    ]
    order = list(NeedKind)
    return sorted(found, key=lambda need: order.index(need.kind))


def _counted(connection: Connection) -> Iterator[Need]:
    for row in connection.execute(_COUNTS, {"unproven_after": UNPROVEN_AFTER}):
        if row.n:
            yield Need(NeedKind(row.kind), row.n, row.oldest)


def _invariants(standings: list[Standing]) -> Iterator[Need]:
    for one in standings:
        if one.state is State.BROKEN:
            yield Need(NeedKind.INVARIANT_BROKEN, one.violations, one.broken_since, one.name)
    unchecked = [one for one in standings if one.state in {State.LATE, State.UNFINISHED}]
    if unchecked:
        looked = [one.checked_at for one in unchecked if one.checked_at is not None]
        oldest = min(looked, default=None)
        yield Need(NeedKind.INVARIANT_UNCHECKED, len(unchecked), oldest)


def _switches(connection: Connection) -> Iterator[Need]:
    for one in list_switches(connection):
        if one.stopped_at is not None:
            yield Need(NeedKind.SWITCH_OFF, 1, one.stopped_at, one.kind)


def _seal(connection: Connection) -> Iterator[Need]:
    if is_behind_the_chain(connection):
        yield Need(NeedKind.SEAL_BEHIND, 1, None)
    seconds = oldest_unsealed_seconds(connection)
    if seconds > LATE_AFTER.total_seconds():
        yield Need(NeedKind.SEAL_LATE, 1, now(connection) - timedelta(seconds=seconds))


def _route(connection: Connection) -> Iterator[Need]:
    carried = who_carries(connection)
    if carried.carrier is not FIRST or carried.forced_by is not None:
        yield Need(NeedKind.SMS_ROUTE_AWAY, 1, carried.since, carried.carrier.known_as)
