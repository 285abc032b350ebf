"""A market's event and settlement record, as a regulator may ask for it."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, text

from core.audit_trail.records import record
from core.keyed_hash import Pepper
from core.ledger.reference import reference_of
from core.markets.market import ensure_number
from core.markets.rules import NoSuchMarket
from core.money import Money
from core.reports import market_events
from core.reports.market_events import Name
from core.reports.pseudonym import pseudonym
from core.reports.stream import stream
from core.reports.table import Cell, Line, Part, Report
from core.staff.records import Admin, Role

POOL_COLUMNS: Final = ("hour", "bets", "staked_kes", "pool_yes_kes", "pool_no_kes")
SETTLEMENT_COLUMNS: Final = (
    "settlement",
    "outcome",
    "evidence",
    "proposed_by",
    "resolved_by",
    "refunded",
    "late_from",
    "pool_kes",
    "late_kes",
    "paid_kes",
    "fee_kes",
    "remainder_kes",
    "lines",
    "lines_done",
    "plan_hash",
    "planned_at",
    "finished_at",
)
LINE_COLUMNS: Final = (
    "bet",
    "player",
    "side",
    "stake_kes",
    "placed_at",
    "settlement",
    "kind",
    "payout_kes",
    "payout_reference",
    "reversal_reference",
)
_NAMES_PLAYERS: Final = frozenset({Role.OWNER})

_MARKET: Final = text(
    """
    SELECT m.*, kibeezy_now() AS as_of, creator.email AS creator, approver.email AS approver,
           proposer.email AS proposer, resolver.email AS resolver
    FROM market m JOIN admin creator ON creator.id = m.created_by
    LEFT JOIN admin approver ON approver.id = m.approved_by
    LEFT JOIN admin proposer ON proposer.id = m.proposed_by
    LEFT JOIN admin resolver ON resolver.id = m.resolved_by
    WHERE m.id = :market_id
    """
)
_POOLS: Final = text(
    """
    SELECT hour, n, staked, sum(yes) OVER (ORDER BY hour) AS yes, sum(no) OVER (ORDER BY hour) AS no
    FROM (SELECT date_trunc('hour', placed_at) AS hour, count(*) AS n, sum(stake_cents) AS staked,
              coalesce(sum(stake_cents) FILTER (WHERE side = 'yes'), 0) AS yes,
              coalesce(sum(stake_cents) FILTER (WHERE side = 'no'), 0) AS no
          FROM bet WHERE market_id = :market_id GROUP BY 1) hourly
    ORDER BY hour
    """
)
_SETTLEMENTS: Final = text(
    """
    SELECT s.version, s.outcome, s.refunded, s.pool_cents, s.fee_cents, s.remainder_cents,
           s.late_from, s.late_cents, s.evidence, proposer.email AS proposer,
           coalesce(resolver.email, 'system') AS resolver,
           encode(s.plan_hash, 'hex') AS plan_hash, s.planned_at, s.finished_at,
           count(l.bet_id) AS lines, coalesce(sum(l.payout_cents), 0) AS paid,
           count(*) FILTER (WHERE (l.player_id, l.bet_id) <= (s.through_player, s.through_bet))
               AS done
    FROM settlement s
    LEFT JOIN settlement_line l ON l.market_id = s.market_id AND l.version = s.version
    LEFT JOIN admin proposer ON proposer.id = s.proposed_by
    LEFT JOIN admin resolver ON resolver.id = s.resolved_by
    WHERE s.market_id = :market_id
    GROUP BY s.market_id, s.version, proposer.email, resolver.email ORDER BY s.version
    """
)
# A line's transfer is the one with its kind and its key, and a correction reverses that.
_LINES: Final = text(
    """
    SELECT b.transfer_id, b.player_id, p.phone, b.side, b.stake_cents, b.placed_at, l.version,
           l.kind, l.payout_cents, paid.id AS payout_id, taken.id AS reversal_id
    FROM bet b JOIN player p ON p.id = b.player_id
    LEFT JOIN (SELECT l.bet_id, l.version, l.payout_cents,
                   coalesce(l.kind, CASE WHEN s.refunded THEN 'refund' ELSE 'payout' END) AS kind
               FROM settlement_line l JOIN settlement s USING (market_id, version)
               WHERE market_id = :market_id) l ON l.bet_id = b.id
    LEFT JOIN transfer paid
        ON paid.scope = l.kind AND paid.key = line_key(l.bet_id, l.version)
    LEFT JOIN transfer taken ON taken.reverses = paid.id
    WHERE b.market_id = :market_id
    ORDER BY l.version, b.id
    """
)


def market_record(
    connection: Connection, *, market_id: int, pepper: Pepper, with_phones: bool
) -> Report:
    """Terms, events, disputes, pools by the hour, settlements, and a line for each bet.

    Must run in a snapshot. Players have pseudonyms; `with_phones` puts the phones beside them,
    which `allow_phones` must have allowed. Lines are read while they are asked for. Raises
    NoSuchMarket.
    """
    row = _find(connection, market_id)
    what = {"market_id": market_id}

    def name(player_id: int) -> str:
        return pseudonym(pepper, player_id=player_id)

    lines = stream(connection, _LINES, what)
    columns = LINE_COLUMNS + (("phone",) if with_phones else ())
    parts = (
        Part("events", market_events.COLUMNS, _events(connection, market_id, name)),
        Part(
            "disputes",
            market_events.DISPUTE_COLUMNS,
            market_events.market_disputes(connection, market_id=market_id, name=name),
        ),
        Part("pools", POOL_COLUMNS, map(_pool_line, stream(connection, _POOLS, what))),
        Part("settlements", SETTLEMENT_COLUMNS, _settlements(connection, market_id)),
        Part("lines", columns, (_bet_line(each, name)[: len(columns)] for each in lines)),
    )
    return Report("kibeezy.market_record", 1, _terms(row), parts)


def allow_phones(connection: Connection, *, market_id: int, by: Admin) -> None:
    """Write down that this admin is given the phones of everybody who bet in the market.

    In a transaction of its own, before the record is made. Raises NoSuchMarket or NotAllowed.
    """
    by.ensure_role(_NAMES_PLAYERS)
    _find(connection, market_id)
    act, subject = "market.exported_with_phones", f"market:{market_id}"
    record(connection, actor=by.email, act=act, subject=subject)


def _find(connection: Connection, market_id: int) -> Row[*tuple[Any, ...]]:
    ensure_number(market_id)
    row = connection.execute(_MARKET, {"market_id": market_id}).one_or_none()
    if row is None:
        raise NoSuchMarket(market_id)
    return row


def _terms(row: Row[*tuple[Any, ...]]) -> dict[str, Cell]:
    return {
        "market": row.id,
        "question": row.question,
        "label": row.label,
        "category": row.category,
        "resolves_from": row.resolves_from,
        "fee_bps": row.fee_bps,
        "payout_rule": row.payout_rule,
        "closes_at": row.closes_at,
        "approval_ref": row.approval_ref,
        "attestation": row.attestation,
        "created_by": row.creator,
        "created_at": row.created_at,
        "approved_by": row.approver,
        "approved_at": row.approved_at,
        "status": row.status,
        "suspended_at": row.suspended_at,
        "suspended_why": row.suspended_why,
        "closed_at": row.closed_at,
        "proposed_outcome": row.proposed_outcome,
        "evidence": row.evidence,
        "proposed_by": row.proposer,
        "proposed_at": row.proposed_at,
        "challenge_ends_at": row.challenge_ends_at,
        "resolve_by": row.resolve_by,
        "outcome": row.outcome,
        "late_from": row.late_from,
        "result": row.version,
        "voided_by_system": row.voided_by_system,
        "resolved_by": row.resolver,
        "resolved_at": row.resolved_at,
        "settled_at": row.settled_at,
        "made_at": row.as_of,
    }


def _events(connection: Connection, market_id: int, name: Name) -> Iterator[Line]:
    for each in market_events.market_events(connection, market_id=market_id, name=name):
        yield each.at, each.event, each.by, each.details, each.source


def _settlements(connection: Connection, market_id: int) -> Iterator[Line]:
    for row in connection.execute(_SETTLEMENTS, {"market_id": market_id}):
        yield (
            row.version,
            row.outcome,
            row.evidence,
            row.proposer,
            row.resolver,
            row.refunded,
            row.late_from,
            Money(row.pool_cents),
            Money(row.late_cents),
            Money(int(row.paid)),
            Money(row.fee_cents),
            Money(row.remainder_cents),
            row.lines,
            row.done,
            row.plan_hash,
            row.planned_at,
            row.finished_at,
        )


def _pool_line(row: Row[*tuple[Any, ...]]) -> Line:
    yes, no = Money(int(row.yes)), Money(int(row.no))
    return row.hour, row.n, Money(int(row.staked)), yes, no


def _bet_line(row: Row[*tuple[Any, ...]], name: Name) -> Line:
    return (
        reference_of(row.transfer_id),
        name(row.player_id),
        row.side,
        Money(row.stake_cents),
        row.placed_at,
        row.version,
        row.kind,
        None if row.payout_cents is None else Money(row.payout_cents),
        _reference(row.payout_id),
        _reference(row.reversal_id),
        row.phone,
    )


def _reference(transfer_id: int | None) -> str | None:
    return None if transfer_id is None else reference_of(transfer_id)
