"""The frozen plan is paid, some lines at a time, so that other bets wait milliseconds."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, exists, func, select, text, tuple_

from core.audit_trail.records import record
from core.database import in_transaction
from core.errors import NoSuchThing
from core.ledger.book import derived_cents, post, side_account, system_account
from core.ledger.records import entry, transfer
from core.ledger.transfer import AccountKind, Entry, Key, Transfer, TransferKind
from core.markets.market import Market, get_market
from core.markets.plan import PlanChanged, be_patient, begin_chunk, ensure_as_frozen
from core.markets.records import market, settlement, settlement_line
from core.markets.rules import MarketStatus, Outcome, Side
from core.money import Money
from core.outbox.records import BACKGROUND, ask
from core.staff.records import admin

# Lines, not players: one player may have any number of bets, and a chunk must stay short.
LINES_A_CHUNK = 1_000

_NEXT_LINES = text("SELECT * FROM settle_next_lines(:market_id, :limit)")


@dataclass(frozen=True)
class _Plan:
    market: Market
    version: int
    outcome: Outcome
    fee: Money
    remainder: Money
    through: tuple[int, int]
    actor: str
    second_actor: str | None

    def fee_key(self, version: int) -> str:
        """The first version's is the market's number, as the release before has it."""
        return str(self.market.id) if version == 1 else f"{self.market.id}:{version}"


def settle_market(
    database: Engine, *, market_id: int, progress: Callable[[int, int], None]
) -> None:
    """Pay the whole frozen plan, each chunk in a transaction of its own, then close the books.

    Of a correction, each chunk also takes back what the version before paid for the same bets. May
    be killed and repeated, and run by two processes at once: every line is paid once. Reports its
    progress as (lines done, lines in all). Raises NoSuchThing where no plan was frozen, or
    PlanChanged where it is not as it was frozen: then nothing more is paid.
    """
    everything, done = in_transaction(database, lambda c: begin_settlement(c, market_id=market_id))
    progress(done, everything)
    while lines := in_transaction(database, lambda c: settle_chunk(c, market_id=market_id)):
        done += lines
        progress(done, everything)
    in_transaction(database, lambda c: finish_settlement(c, market_id=market_id))


def begin_settlement(connection: Connection, *, market_id: int) -> tuple[int, int]:
    """Take back the fee of what is corrected; returns the lines in all, and those that are done.

    A repeat changes nothing. Raises NoSuchThing, or PlanChanged.
    """
    plan = _lock_plan(connection, market_id)
    ensure_as_frozen(connection, market_id=market_id)
    if plan.version > 1:
        _reverse_fee(connection, plan)
    place = tuple_(settlement_line.c.player_id, settlement_line.c.bet_id)
    query = select(func.count(), func.count().filter(place <= plan.through)).where(
        settlement_line.c.market_id == market_id, settlement_line.c.version == plan.version
    )
    everything, finished = connection.execute(query).one()
    return int(everything), int(finished)


def settle_chunk(connection: Connection, *, market_id: int, limit: int = LINES_A_CHUNK) -> int:
    """Pay the next lines, at most `limit`, and ask that whose last line is among them be told.

    Returns the lines done; 0: none is left. Waits for another process's chunk of this market. All
    lines of a player are in one chunk, unless the player has more than fit.
    """
    begin_chunk(connection)
    done = connection.execute(_NEXT_LINES, {"market_id": market_id, "limit": limit}).one()
    if done.lines:
        chunk = [market_id, done.version, done.through_player, done.through_bet]
        ask(
            connection,
            kind="tell_settled",
            payload={"chunk": chunk},
            key="tell_settled:" + ":".join(map(str, chunk)),
            priority=BACKGROUND,
        )
    return int(done.lines)


def finish_settlement(connection: Connection, *, market_id: int) -> None:
    """Close both sides, book the fee and the remainder, and mark the market settled or voided.

    Only once all lines are paid; a repeat changes nothing. Raises NoSuchThing, or PlanChanged: then
    nothing is booked.
    """
    plan = _lock_plan(connection, market_id)
    over = plan.market.status not in (MarketStatus.SETTLING, MarketStatus.VOIDING)
    if over or _is_unpaid(connection, plan):
        return
    ensure_as_frozen(connection, market_id=market_id)
    _close_books(connection, plan)
    void = plan.outcome is Outcome.VOID
    ended = {
        "status": MarketStatus.VOIDED if void else MarketStatus.SETTLED,
        "settled_at": func.kibeezy_now(),
    }
    connection.execute(market.update().where(market.c.id == market_id).values(ended))
    finish = settlement.update().where(
        settlement.c.market_id == market_id, settlement.c.version == plan.version
    )
    connection.execute(finish.values(finished_at=func.kibeezy_now()))
    record(
        connection,
        actor="system",
        act="market.settled",
        subject=f"market:{market_id}",
        version=plan.version,
    )


def _lock_plan(connection: Connection, market_id: int) -> _Plan:
    be_patient(connection)
    found = get_market(connection, market_id=market_id)
    mine = settlement.c.market_id == market_id, settlement.c.version == found.version
    # Locked in a statement of its own: what is read afterwards is newer than the lock.
    lock = select(settlement.c.market_id).where(*mine).with_for_update(key_share=True)
    if connection.execute(lock).one_or_none() is None:
        raise NoSuchThing(f"settlement of market {market_id}")
    found = get_market(connection, market_id=market_id)
    row = connection.execute(select(settlement).where(*mine)).one()
    emails = _emails(connection, found)
    return _Plan(
        market=found,
        version=row.version,
        outcome=Outcome(row.outcome),
        fee=Money(row.fee_cents),
        remainder=Money(row.remainder_cents),
        through=(row.through_player, row.through_bet),
        actor=emails.get(found.resolved_by, "system"),
        second_actor=None if found.resolved_by is None else emails.get(found.proposed_by),
    )


def _emails(connection: Connection, found: Market) -> dict[int | None, str]:
    people = select(admin.c.id, admin.c.email).where(
        admin.c.id.in_([found.resolved_by, found.proposed_by])
    )
    return {row.id: row.email for row in connection.execute(people)}


def _is_unpaid(connection: Connection, plan: _Plan) -> bool:
    ahead = exists().where(
        settlement_line.c.market_id == plan.market.id,
        settlement_line.c.version == plan.version,
        tuple_(settlement_line.c.player_id, settlement_line.c.bet_id) > plan.through,
    )
    return bool(connection.execute(select(ahead)).scalar_one())


def _close_books(connection: Connection, plan: _Plan) -> None:
    """What the losers staked fills the winners' side; what is left over both is fee and remainder.

    Raises PlanChanged where it is not.
    """
    sides = [side_account(connection, market_id=plan.market.id, side=side) for side in Side]
    lines = [(side, -derived_cents(connection, account_id=side)) for side in sides]
    lines.append((system_account(connection, kind=AccountKind.FEE_REVENUE), plan.fee))
    lines.append((system_account(connection, kind=AccountKind.ROUNDING), plan.remainder))
    entries = tuple(Entry(account, amount) for account, amount in lines if amount)
    if sum(line.amount.cents for line in entries):
        raise PlanChanged(plan.market.id)
    if entries:
        key = Key("fee", plan.fee_key(plan.version))
        _post(connection, plan, TransferKind.FEE, key, entries)


def _reverse_fee(connection: Connection, plan: _Plan) -> None:
    """The version before gives back its fee and remainder, and both sides what closed them."""
    before = plan.fee_key(plan.version - 1)
    query = (
        select(entry.c.account_id, entry.c.cents, transfer.c.id)
        .join(transfer, transfer.c.id == entry.c.transfer_id)
        .where(transfer.c.scope == "fee", transfer.c.key == before)
    )
    booked = connection.execute(query).all()
    if booked:
        entries = tuple(Entry(row.account_id, Money(-row.cents)) for row in booked)
        key = Key("fee_reversal", before)
        _post(connection, plan, TransferKind.FEE_REVERSAL, key, entries, reverses=booked[0].id)


def _post(
    connection: Connection,
    plan: _Plan,
    kind: TransferKind,
    key: Key,
    entries: tuple[Entry, ...],
    *,
    reverses: int | None = None,
) -> None:
    post(
        connection,
        Transfer(
            kind=kind,
            key=key,
            entries=entries,
            actor=plan.actor,
            second_actor=plan.second_actor,
            reason=f"market {plan.market.id}: {plan.outcome}",
            reverses=reverses,
        ),
    )
