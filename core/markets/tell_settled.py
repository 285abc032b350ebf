"""Every player of a chunk is told how the market ended; after the money, in a job of its own."""

from typing import NamedTuple

from sqlalchemy import Connection, Row, func, select, text

from core.ledger.reference import reference_of
from core.markets.plan import be_patient
from core.markets.records import market, settlement, settlement_chunk
from core.money import Money
from core.notices.notify import Notice, notify_all
from core.notices.result_texts import bets_corrected, bets_settled
from core.text import Language, Text

# Of players with more lines than fit into a chunk, those whose last line is in this one.
_TOLD = text(
    """
    WITH ended AS (
        SELECT player_id FROM settlement_line
        WHERE market_id = :market_id AND version = :version
          AND (player_id, bet_id) > (:from_player, :from_bet)
          AND (player_id, bet_id) <= (:through_player, :through_bet)
        EXCEPT SELECT player_id FROM settlement_line
        WHERE market_id = :market_id AND version = :version
          AND player_id = :through_player AND bet_id > :through_bet
    ), told AS (
        SELECT l.player_id, sum(l.payout_cents) AS paid, sum(b.stake_cents) AS staked,
            coalesce(sum(before.payout_cents), 0) AS paid_before,
            coalesce(min(t.id), min(r.id), min(b.transfer_id)) AS transfer_id,
            coalesce(sum(b.stake_cents) FILTER (WHERE b.placed_at >= :late_from), 0) AS late
        FROM ended JOIN settlement_line l
            ON l.market_id = :market_id AND l.version = :version AND l.player_id = ended.player_id
        JOIN bet b ON b.id = l.bet_id
        LEFT JOIN transfer t ON t.scope IN ('payout', 'refund')
            AND t.key = line_key(l.bet_id, l.version)
        LEFT JOIN settlement_line before
            ON before.bet_id = l.bet_id AND before.version = l.version - 1
        LEFT JOIN transfer r ON r.scope = 'payout_reversal'
            AND r.key = line_key(l.bet_id, l.version - 1) AND l.version > 1
        GROUP BY l.player_id
    )
    SELECT p.id, p.phone, p.language, b.cents AS balance, told.*, coalesce((
            SELECT -sum(e.cents) FROM account c JOIN entry e ON e.account_id = c.id
            WHERE c.kind = 'player_clawback' AND c.owner = p.id), 0) AS owed
    FROM told JOIN player p ON p.id = told.player_id
    JOIN account a ON a.kind = 'player_available' AND a.owner = p.id
    JOIN balance b ON b.account_id = a.id
    WHERE :version = 1 OR told.paid <> told.paid_before
    ORDER BY p.id
    """
)


class Chunk(NamedTuple):
    """What was paid in one transaction, named by its last line."""

    market_id: int
    version: int
    through_player: int
    through_bet: int


def tell_settled(connection: Connection, *, chunk: Chunk) -> int:
    """Queue one SMS to each player whose last line is in the chunk; returns how many.

    Losers too; of a correction only to those for whom it changed something. A repeat queues
    nothing: the chunk is claimed in the same transaction.
    """
    be_patient(connection)
    claim = settlement_chunk.update().where(
        settlement_chunk.c.market_id == chunk.market_id,
        settlement_chunk.c.version == chunk.version,
        settlement_chunk.c.through_player == chunk.through_player,
        settlement_chunk.c.through_bet == chunk.through_bet,
        settlement_chunk.c.told_at.is_(None),
    )
    claimed = connection.execute(
        claim.values(told_at=func.kibeezy_now()).returning(
            settlement_chunk.c.from_player, settlement_chunk.c.from_bet
        )
    ).one_or_none()
    if claimed is None:
        return 0
    plan = _plan(connection, chunk)
    values = {**chunk._asdict(), **claimed._asdict(), "late_from": plan.late_from}
    told = connection.execute(_TOLD, values)
    notices = [_notice(plan, row) for row in told]
    notify_all(connection, notices=notices)
    return len(notices)


def _plan(connection: Connection, chunk: Chunk) -> Row[*tuple[object, ...]]:
    query = (
        select(
            settlement.c.market_id,
            settlement.c.version,
            settlement.c.outcome,
            settlement.c.refunded,
            settlement.c.late_from,
            market.c.label,
        )
        .join(market, market.c.id == settlement.c.market_id)
        .where(
            settlement.c.market_id == chunk.market_id,
            settlement.c.version == chunk.version,
        )
    )
    return connection.execute(query).one()


def _notice(plan: Row[*tuple[object, ...]], row: Row[*tuple[object, ...]]) -> Notice:
    kind, words = (
        ("bets_settled", _settled(plan, row))
        if plan.version == 1
        else ("bets_corrected", _corrected(plan, row))
    )
    return Notice(row.id, row.phone, Language(row.language), kind, words)


def _settled(plan: Row[*tuple[object, ...]], row: Row[*tuple[object, ...]]) -> Text:
    return bets_settled(
        market_id=plan.market_id,
        label=plan.label,
        outcome=plan.outcome,
        staked=Money(int(row.staked)),
        paid=Money(int(row.paid)),
        refunded=plan.refunded,
        late=Money(int(row.late)),
        balance=Money(row.balance),
        reference=reference_of(row.transfer_id),
    )


def _corrected(plan: Row[*tuple[object, ...]], row: Row[*tuple[object, ...]]) -> Text:
    more = int(row.paid) - int(row.paid_before)
    return bets_corrected(
        market_id=plan.market_id,
        label=plan.label,
        outcome=plan.outcome,
        paid=Money(max(more, 0)),
        taken=Money(max(-more, 0)),
        owed=Money(max(int(row.owed), 0)),
        balance=Money(row.balance),
        reference=reference_of(row.transfer_id),
    )
