"""The frozen plan is paid, some lines at a time, so that other bets wait milliseconds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Row, func, select, text, tuple_

from core.audit_trail.records import record
from core.database import in_transaction
from core.errors import NoSuchThing
from core.ledger.book import post, side_account, system_account
from core.ledger.reference import reference_of
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.markets.market import Market, get_market
from core.markets.plan import be_patient, ensure_as_frozen
from core.markets.records import market, settlement, settlement_line
from core.markets.rules import MarketStatus, Outcome, Side
from core.money import Money
from core.notices.notify import Notice, notify_all
from core.notices.texts import bets_settled
from core.outbox.records import BACKGROUND
from core.staff.records import admin
from core.switches.records import ensure_running
from core.switches.rules import Switch
from core.text import Language

# Lines, not players: one player may have any number of bets, and a chunk must stay short.
LINES_A_CHUNK = 1_000

# Movements are posted by ascending wallet, so that two settlements cannot deadlock: a materialised
# CTE keeps its order, and a lateral function is called row by row in it.
# The hash is Transfer.request_hash in SQL; a losing bet that gets nothing moves nothing.
_PAY = text(
    """
    WITH line AS (
        SELECT l.bet_id, l.payout_cents AS payout, b.stake_cents AS stake, w.id AS wallet,
            own.id AS own, other.id AS other,
            CASE WHEN s.refunded THEN 'refund' ELSE 'payout' END AS kind
        FROM settlement s
        JOIN settlement_line l ON l.market_id = s.market_id AND l.bet_id = ANY (:bets)
        JOIN bet b ON b.id = l.bet_id
        JOIN account w ON w.kind = 'player_available' AND w.owner = l.player_id
        JOIN account own
            ON own.kind = 'market_side' AND own.market = s.market_id AND own.side = b.side
        JOIN account other
            ON other.kind = 'market_side' AND other.market = s.market_id AND other.side <> b.side
        WHERE s.market_id = :market_id AND l.transfer_id IS NULL
          AND (s.refunded OR b.side = s.outcome)
    ), leg AS (
        SELECT line.bet_id, line.kind, line.wallet, x.account, x.cents
        FROM line CROSS JOIN LATERAL (VALUES
            (line.own, -line.stake), (line.other, line.stake - line.payout),
            (line.wallet, line.payout)) x (account, cents)
        WHERE x.cents <> 0
    ), movement AS MATERIALIZED (
        SELECT bet_id, kind, wallet, array_agg(account) AS accounts, array_agg(cents) AS cents,
            sha256(convert_to(kind || '|None|' || string_agg(account || ':' || cents, '|'
                ORDER BY (account || ':' || cents) COLLATE "C"), 'UTF8')) AS hash
        FROM leg GROUP BY bet_id, kind, wallet ORDER BY wallet, bet_id
    ), posted AS MATERIALIZED (
        SELECT m.bet_id, p.transfer_id FROM movement m CROSS JOIN LATERAL post_transfer(
            m.kind, m.kind, m.bet_id::text, m.hash, m.accounts, m.cents,
            :actor, :second_actor, :reason, NULL) p
    )
    UPDATE settlement_line l SET transfer_id = posted.transfer_id
    FROM posted WHERE l.market_id = :market_id AND l.bet_id = posted.bet_id
    """
)
_TOLD = text(
    """
    SELECT p.id, p.phone, p.language, b.cents AS balance, x.*
    FROM (SELECT l.player_id,
              coalesce(min(l.transfer_id), min(bet.transfer_id)) AS transfer_id,
              sum(l.payout_cents) AS paid, sum(bet.stake_cents) AS staked
          FROM settlement_line l JOIN bet ON bet.id = l.bet_id
          WHERE l.market_id = :market_id AND l.player_id = ANY (:players)
          GROUP BY l.player_id) x
    JOIN player p ON p.id = x.player_id
    JOIN account a ON a.kind = 'player_available' AND a.owner = p.id
    JOIN balance b ON b.account_id = a.id
    ORDER BY p.id
    """
)


@dataclass(frozen=True)
class _Plan:
    market: Market
    outcome: Outcome
    refunded: bool
    fee: Money
    remainder: Money
    through: tuple[int, int]
    resolver: str
    proposer: str


def settle_market(
    database: Engine, *, market_id: int, progress: Callable[[int, int], None]
) -> None:
    """Pay the whole frozen plan, each chunk in a transaction of its own, then close the books.

    May be killed and repeated, and run by two processes at once: every line is paid once. Reports
    its progress as (lines done, lines in all). Raises NoSuchThing where no plan was frozen, Stopped
    while settlements are, or PlanChanged where it is not as it was frozen: then nothing more is
    paid.
    """
    everything, done = in_transaction(database, lambda c: _begin(c, market_id))
    progress(done, everything)
    while lines := in_transaction(database, lambda c: settle_chunk(c, market_id=market_id)):
        done += lines
        progress(done, everything)
    in_transaction(database, lambda c: finish_settlement(c, market_id=market_id))


def settle_chunk(connection: Connection, *, market_id: int, limit: int = LINES_A_CHUNK) -> int:
    """Pay the next lines, at most `limit`, and tell whose last line is among them.

    Returns the lines done; 0: none is left. Waits for another process's chunk of this market.
    Raises NoSuchThing or Stopped.
    """
    plan = _lock_plan(connection, market_id)
    # One more than is paid, which tells whether its player has to wait for the message.
    ahead = _next_lines(connection, plan, limit + 1)
    lines, waiting = ahead[:limit], {line.player_id for line in ahead[limit:]}
    if not lines:
        return 0
    signed = {"actor": plan.resolver, "second_actor": plan.proposer, "reason": _reason(plan)}
    bets = [line.bet_id for line in lines]
    connection.execute(_PAY, {"market_id": market_id, "bets": bets, **signed})
    players = sorted({line.player_id for line in lines} - waiting)
    told = connection.execute(_TOLD, {"market_id": market_id, "players": players})
    notify_all(connection, notices=[_notice(plan, row) for row in told])
    last = lines[-1]
    change = settlement.update().where(settlement.c.market_id == market_id)
    connection.execute(change.values(through_player=last.player_id, through_bet=last.bet_id))
    return len(lines)


def finish_settlement(connection: Connection, *, market_id: int) -> None:
    """Book the fee and the remainder and mark the market settled or voided, once all are paid.

    A repeat changes nothing. Raises NoSuchThing, Stopped or PlanChanged: then nothing is booked.
    """
    plan = _lock_plan(connection, market_id)
    over = plan.market.status not in (MarketStatus.SETTLING, MarketStatus.VOIDING)
    if over or _next_lines(connection, plan, 1):
        return
    ensure_as_frozen(connection, market_id=market_id)
    _book_fee(connection, plan)
    void = plan.outcome is Outcome.VOID
    ended = {
        "status": MarketStatus.VOIDED if void else MarketStatus.SETTLED,
        "settled_at": func.kibeezy_now(),
    }
    connection.execute(market.update().where(market.c.id == market_id).values(ended))
    finish = settlement.update().where(settlement.c.market_id == market_id)
    connection.execute(finish.values(finished_at=func.kibeezy_now()))
    record(
        connection,
        actor="system",
        act="market.settled",
        subject=f"market:{market_id}",
        before={"status": plan.market.status},
        after={"status": MarketStatus.VOIDED if void else MarketStatus.SETTLED},
    )


def _lock_plan(connection: Connection, market_id: int) -> _Plan:
    be_patient(connection)
    ensure_running(connection, kind=Switch.SETTLEMENTS)
    # Locked in a statement of its own: what is read afterwards is newer than the lock.
    lock = select(settlement.c.market_id).where(settlement.c.market_id == market_id)
    if connection.execute(lock.with_for_update(key_share=True)).one_or_none() is None:
        raise NoSuchThing(f"settlement of market {market_id}")
    found = get_market(connection, market_id=market_id)
    row = connection.execute(select(settlement).where(settlement.c.market_id == market_id)).one()
    people = select(admin.c.id, admin.c.email).where(
        admin.c.id.in_([found.resolved_by, found.proposed_by])
    )
    emails = {row.id: row.email for row in connection.execute(people)}
    assert found.resolved_by is not None
    assert found.proposed_by is not None
    return _Plan(
        market=found,
        outcome=Outcome(row.outcome),
        refunded=row.refunded,
        fee=Money(row.fee_cents),
        remainder=Money(row.remainder_cents),
        through=(row.through_player, row.through_bet),
        resolver=emails[found.resolved_by],
        proposer=emails[found.proposed_by],
    )


def _next_lines(
    connection: Connection, plan: _Plan, limit: int
) -> Sequence[Row[*tuple[object, ...]]]:
    place = settlement_line.c.player_id, settlement_line.c.bet_id
    query = (
        select(*place)
        .where(settlement_line.c.market_id == plan.market.id, tuple_(*place) > plan.through)
        .order_by(*place)
        .limit(limit)
    )
    return connection.execute(query).all()


def _notice(plan: _Plan, row: Row[*tuple[object, ...]]) -> Notice:
    words = bets_settled(
        market_id=plan.market.id,
        label=plan.market.label,
        outcome=plan.outcome,
        staked=Money(int(row.staked)),
        paid=Money(int(row.paid)),
        refunded=plan.refunded,
        balance=Money(row.balance),
        reference=reference_of(row.transfer_id),
    )
    return Notice(
        row.id, row.phone, Language(row.language), "bets_settled", words, priority=BACKGROUND
    )


def _book_fee(connection: Connection, plan: _Plan) -> None:
    taken = plan.fee + plan.remainder
    if not taken:
        return
    loser = Side(plan.outcome).other
    lines = (
        (side_account(connection, market_id=plan.market.id, side=loser), -taken),
        (system_account(connection, kind=AccountKind.FEE_REVENUE), plan.fee),
        (system_account(connection, kind=AccountKind.ROUNDING), plan.remainder),
    )
    post(
        connection,
        Transfer(
            kind=TransferKind.FEE,
            key=Key("fee", str(plan.market.id)),
            entries=tuple(Entry(account, amount) for account, amount in lines if amount),
            actor=plan.resolver,
            second_actor=plan.proposer,
            reason=_reason(plan),
        ),
    )


def _reason(plan: _Plan) -> str:
    return f"market {plan.market.id}: {plan.outcome}"


def _begin(connection: Connection, market_id: int) -> tuple[int, int]:
    """The lines in all, and those that are done."""
    be_patient(connection)
    ensure_as_frozen(connection, market_id=market_id)
    done = tuple_(settlement_line.c.player_id, settlement_line.c.bet_id) <= tuple_(
        settlement.c.through_player, settlement.c.through_bet
    )
    query = (
        select(func.count(), func.count().filter(done))
        .select_from(settlement_line)
        .join(settlement, settlement.c.market_id == settlement_line.c.market_id)
        .where(settlement_line.c.market_id == market_id)
    )
    everything, finished = connection.execute(query).one()
    return int(everything), int(finished)
