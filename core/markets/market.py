"""A market as a value, and reading one."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, func, select, text

from core.markets.pricing import Pool
from core.markets.records import bet, market
from core.markets.rules import MarketStatus, NoSuchMarket, Outcome, PayoutRule, Side
from core.money import Money

# A number is the second half of an advisory lock's key, which is an integer.
LARGEST_NUMBER = 2**31 - 1
# So long after its challenge window a proposal may still be resolved.
GRACE: Final = timedelta(hours=24)

_LOCK = text("SELECT *, kibeezy_now() AS as_of FROM lock_market(:market_id)")
_SHARE = text("SELECT pg_advisory_xact_lock_shared(1, :market_id)")


@dataclass(frozen=True)
class Market:
    """A question with its terms, as it stood at `as_of` by the database's clock."""

    id: int
    question: str
    label: str
    category: str
    resolves_from: str | None
    fee_bps: int
    payout_rule: PayoutRule
    closes_at: datetime
    closed_at: datetime | None
    status: MarketStatus
    created_by: int
    approved_by: int | None
    approved_at: datetime | None
    proposed_by: int | None
    proposed_at: datetime | None
    proposed_outcome: Outcome | None
    evidence: str | None
    resolved_by: int | None
    outcome: Outcome | None
    settled_at: datetime | None
    approval_ref: str | None
    attestation: str | None
    suspended_why: str | None
    resolve_by: datetime | None
    challenge_ends_at: datetime | None
    late_from: datetime | None
    version: int
    voided_by_system: bool
    # Who edited the draft, once for each edit, in order.
    edited_by: tuple[int, ...]
    as_of: datetime

    @property
    def revision(self) -> int:
        """How often its draft was edited: names what somebody saw of it."""
        return len(self.edited_by)

    @property
    def takes_bets(self) -> bool:
        """Whether it was open, and before its closing time, at the moment of reading."""
        return self.status is MarketStatus.OPEN and self.as_of < self.closes_at

    @property
    def is_paused(self) -> bool:
        """Whether it would take bets if staff had not suspended it."""
        return self.status is MarketStatus.SUSPENDED and self.as_of < self.closes_at

    @property
    def deadline(self) -> datetime | None:
        """When the system voids it unless somebody has resolved it; a proposal postpones it."""
        window = None if self.challenge_ends_at is None else self.challenge_ends_at + GRACE
        return max(filter(None, (self.resolve_by, window)), default=None)

    @property
    def in_challenge_window(self) -> bool:
        """Whether its proposed result could be disputed at the moment of reading."""
        return (
            self.status is MarketStatus.PROPOSED
            and self.challenge_ends_at is not None
            and self.as_of < self.challenge_ends_at
        )


def get_market(connection: Connection, *, market_id: int) -> Market:
    """The market with the number that players type. Raises NoSuchMarket."""
    ensure_number(market_id)
    query = select(market, func.kibeezy_now().label("as_of")).where(market.c.id == market_id)
    return _one(connection.execute(query).one_or_none(), market_id)


def lock_market(connection: Connection, *, market_id: int) -> Market:
    """Wait until nobody is betting, keep bets out until the transaction ends, then read.

    Raises NoSuchMarket.
    """
    ensure_number(market_id)
    row = connection.execute(_LOCK, {"market_id": market_id}).one_or_none()
    return _one(row, market_id)


def share_market(connection: Connection, *, market_id: int) -> None:
    """Keep the market from being closed or changed until the transaction ends; bets go on.

    What is read by the next statement was committed before.
    """
    connection.execute(_SHARE, {"market_id": market_id})


def ensure_number(market_id: int) -> None:
    """Raise NoSuchMarket for a number that no market can ever have."""
    if not 0 < market_id <= LARGEST_NUMBER:
        raise NoSuchMarket(market_id)


def get_pool(connection: Connection, *, market_id: int) -> Pool:
    """What is or was staked on each side."""
    query = (
        select(bet.c.side, func.sum(bet.c.stake_cents))
        .where(bet.c.market_id == market_id)
        .group_by(bet.c.side)
    )
    staked = {side: int(cents) for side, cents in connection.execute(query)}
    return Pool(yes=Money(staked.get(Side.YES, 0)), no=Money(staked.get(Side.NO, 0)))


def market_from(row: Row[*tuple[object, ...]]) -> Market:
    """The market in a row that has every column of the table, and `as_of`."""
    return Market(
        id=row.id,
        question=row.question,
        label=row.label,
        category=row.category,
        resolves_from=row.resolves_from,
        fee_bps=row.fee_bps,
        payout_rule=PayoutRule(row.payout_rule),
        closes_at=row.closes_at,
        closed_at=row.closed_at,
        status=MarketStatus(row.status),
        created_by=row.created_by,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        proposed_by=row.proposed_by,
        proposed_at=row.proposed_at,
        proposed_outcome=_outcome(row.proposed_outcome),
        evidence=row.evidence,
        resolved_by=row.resolved_by,
        outcome=_outcome(row.outcome),
        settled_at=row.settled_at,
        approval_ref=row.approval_ref,
        attestation=row.attestation,
        suspended_why=row.suspended_why,
        resolve_by=row.resolve_by,
        challenge_ends_at=row.challenge_ends_at,
        late_from=row.late_from,
        version=row.version,
        voided_by_system=row.voided_by_system,
        edited_by=tuple(row.edited_by),
        as_of=row.as_of,
    )


def _one(row: Row[*tuple[object, ...]] | None, market_id: int) -> Market:
    if row is None:
        raise NoSuchMarket(market_id)
    return market_from(row)


def _outcome(stored: str | None) -> Outcome | None:
    return None if stored is None else Outcome(stored)
