"""A player takes a bet back: soon after it was placed, and while its market takes bets."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Label, Row, func, select, text
from sqlalchemy.exc import DBAPIError

from core.audit_trail.records import record
from core.database import sql_state
from core.errors import Refused
from core.ledger.book import Posted, left_in, post
from core.ledger.reference import reference_of, transfer_of
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.markets.market import share_market
from core.markets.records import cancelled_bet
from core.markets.rules import MarketStatus
from core.money import Money
from core.players.records import Player, Status
from core.players.rules import ensure_may_play
from core.switches.rules import Stopped, Switch
from core.text import _

# Only what we say of it: the database counts, behind the wait for the wallet.
CANCEL_WITHIN: Final = timedelta(minutes=5)
CANCELLED_A_DAY: Final = 5
# One command for each bet, whoever repeats it and by which message: the key is its transfer.
SCOPE: Final = "cancel"

_SITUATION = text(
    """
    SELECT b.*, m.label, m.status, m.closes_at, kibeezy_now() AS as_of, w.id AS wallet_account,
        s.id AS side_account, left_in.cents AS left_cents,
        (SELECT stopped_at IS NOT NULL FROM switch WHERE kind = 'bets') AS stopped
    FROM (SELECT id AS bet_id, market_id, player_id, side, stake_cents, transfer_id, placed_at,
              NULL::bigint AS reversal_transfer_id FROM bet
          UNION ALL SELECT bet_id, market_id, player_id, side, stake_cents, transfer_id, placed_at,
              reversal_transfer_id FROM cancelled_bet) b
    JOIN market m ON m.id = b.market_id
    JOIN account w ON w.kind = 'player_available' AND w.owner = b.player_id
    JOIN balance left_in ON left_in.account_id = w.id
    JOIN account s ON s.kind = 'market_side' AND s.market = b.market_id AND s.side = b.side
    WHERE b.player_id = :player_id AND b.transfer_id = :transfer_id
    """
)


class NoSuchBet(Refused):
    """No bet of this player's has the reference."""

    def __init__(self) -> None:
        super().__init__(_("No bet of yours has that reference. No money was moved."))


class TooLateToCancel(Refused):
    """The few minutes are over."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "A bet can be cancelled for {minutes} minutes only. Yours stands. No money was"
                " moved.",
                minutes=int(CANCEL_WITHIN / timedelta(minutes=1)),
            )
        )


class NotCancellableNow(Refused):
    """The market takes no bets, so none leaves it."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _(
                "Market {market_id} takes no bets now, so yours stands. No money was moved.",
                market_id=market_id,
            )
        )


class CancelledTooOften(Refused):
    """As many bets of one day in Nairobi as may be were cancelled."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You have cancelled {count} bets today, the most there may be. This one stands. No"
                " money was moved.",
                count=CANCELLED_A_DAY,
            )
        )


@dataclass(frozen=True)
class CancelledBet:
    """A bet that was taken back. `balance` is what the wallet holds after it, or at a repeat.

    `is_new` tells whether this call did it; a repeat is otherwise equal to the first.
    """

    reference: str
    receipt: str
    market_id: int
    label: str
    stake: Money
    balance: Money
    is_new: bool = field(compare=False)


def cancel_bet(connection: Connection, *, player: Player, reference: str) -> CancelledBet:
    """Give the whole stake back by a linked reversal; the bet counts for nothing any more.

    It needs an open market by the database's clock, read under the market's lock, and a bet placed
    less than 5 minutes ago. A repeat returns the first result, even after the market has closed,
    and moves nothing. A break does not keep anybody from it. Raises NoSuchBet, TooLateToCancel,
    NotCancellableNow, CancelledTooOften, Stopped, NotVerified, AccountLocked or AccountClosed; the
    transaction must then be rolled back.
    """
    if player.status is not Status.ON_BREAK:
        ensure_may_play(player)
    transfer_id = transfer_of(reference)
    share_market(connection, market_id=_find(connection, player, transfer_id).market_id)
    found = _find(connection, player, transfer_id)
    if found.reversal_transfer_id is not None:
        return _repeated(found, found.reversal_transfer_id)
    _ensure_cancellable(found)
    posted = post(
        connection,
        Transfer(
            kind=TransferKind.STAKE_REVERSAL,
            key=Key(SCOPE, str(transfer_id)),
            entries=(
                Entry(found.side_account, -Money(found.stake_cents)),
                Entry(found.wallet_account, Money(found.stake_cents)),
            ),
            actor=f"player:{player.id}",
            reverses=transfer_id,
        ),
    )
    if posted.replayed:
        return _repeated(_find(connection, player, transfer_id), posted.transfer_id)
    left = _write(connection, found, posted)
    return _cancelled(found, posted.transfer_id, left, is_new=True)


def _find(
    connection: Connection, player: Player, transfer_id: int | None
) -> Row[*tuple[object, ...]]:
    what = {"player_id": player.id, "transfer_id": transfer_id}
    found = connection.execute(_SITUATION, what).one_or_none()
    if found is None:
        raise NoSuchBet
    return found


def _ensure_cancellable(found: Row[*tuple[object, ...]]) -> None:
    if found.stopped:
        raise Stopped(Switch.BETS)
    if found.status != MarketStatus.OPEN or found.as_of >= found.closes_at:
        raise NotCancellableNow(found.market_id)


def _write(connection: Connection, found: Row[*tuple[object, ...]], posted: Posted) -> Money:
    """Take the bet out of those that stand, and return what the wallet holds now.

    A trigger moves the bet and fills in what it was.
    """
    taking = (
        cancelled_bet.insert()
        .values(bet_id=found.bet_id, reversal_transfer_id=posted.transfer_id)
        # The wallet is held by now, so that of two at once the second counts the first.
        .returning(left_in(found.wallet_account), _earlier_today(found))
    )
    try:
        row = connection.execute(taking).one()
    except DBAPIError as error:
        if sql_state(error) == "KB016":
            # The minutes are counted there, behind the wait for the wallet; it may have passed the
            # close, too.
            if found.placed_at + CANCEL_WITHIN <= found.closes_at:
                raise TooLateToCancel from error
            raise NotCancellableNow(found.market_id) from error
        raise
    if row.earlier >= CANCELLED_A_DAY:
        raise CancelledTooOften
    record(
        connection,
        actor=f"player:{found.player_id}",
        act="market.bet_cancelled",
        subject=f"market:{found.market_id}",
        bet=reference_of(found.transfer_id),
        stake_cents=found.stake_cents,
    )
    return Money(row.left_cents)


def _earlier_today(found: Row[*tuple[object, ...]]) -> Label[int]:
    earlier = cancelled_bet.alias("earlier")
    as_of: datetime = found.as_of
    counted = select(func.count()).where(
        earlier.c.player_id == found.player_id,
        earlier.c.cancelled_at >= func.date_trunc("day", as_of, "Africa/Nairobi"),
    )
    return counted.scalar_subquery().label("earlier")


def _repeated(found: Row[*tuple[object, ...]], reversal_transfer_id: int) -> CancelledBet:
    return _cancelled(found, reversal_transfer_id, Money(found.left_cents), is_new=False)


def _cancelled(
    found: Row[*tuple[object, ...]], reversal_transfer_id: int, left: Money, *, is_new: bool
) -> CancelledBet:
    return CancelledBet(
        reference=reference_of(found.transfer_id),
        receipt=reference_of(reversal_transfer_id),
        market_id=found.market_id,
        label=found.label,
        stake=Money(found.stake_cents),
        balance=left,
        is_new=is_new,
    )
