"""A player bets by SMS: as on the menu, but without a PIN, and so within limits of their own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, Row, text

from core.config.in_force import read_config
from core.errors import Refused
from core.ledger.reference import reference_of
from core.ledger.transfer import Key
from core.markets.list_markets import ListedMarket, show_market
from core.markets.place_bet import Bet, Wanted, enter_bet
from core.markets.pricing import indicative_return
from core.money import Money
from core.players.sms_limit import sms_limit
from core.settings import Settings
from core.text import _

# Whoever gets no answer soon writes again.
TWICE_WITHIN: Final = timedelta(minutes=2)

# A cancelled bet is none of these. The scope is no condition of the look at a transfer: its index
# would find everybody's bets by SMS, and seem quick as long as statistics know of few.
_LATELY = text(
    """
    SELECT coalesce(sum(b.stake_cents) FILTER (WHERE b.placed_at >= n.midnight), 0) AS today_cents,
        max(b.transfer_id) FILTER (
            WHERE b.key <> :key AND b.market_id = :market_id AND b.side = :side
              AND b.stake_cents = :stake_cents AND b.placed_at > n.at - :within) AS twin,
        coalesce(bool_or(b.key = :key), false) AS placed
    FROM (SELECT at, date_trunc('day', at, 'Africa/Nairobi') AS midnight
          FROM (SELECT coalesce(CAST(:placed_at AS timestamptz), kibeezy_now()) AS at) moment) n
    LEFT JOIN (SELECT bet.*, (SELECT CASE t.scope WHEN :scope THEN t.key END
                              FROM transfer t WHERE t.id = bet.transfer_id) AS key
               FROM bet WHERE player_id = :player_id) b
        ON b.placed_at >= n.midnight - :within AND b.key IS NOT NULL
    """
)


class SmsBetsOff(Refused):
    """The player, or the operator for everybody, has turned them off."""

    def __init__(self) -> None:
        super().__init__(_("Bets by SMS are off. No money was taken. Bet on the menu."))


class SmsStakeLimit(Refused):
    """The bet would pass what the player may bet by SMS per day."""

    def __init__(self, limit: Money) -> None:
        super().__init__(
            _(
                "You may bet {limit} a day by SMS. No money was taken. Bet on the menu.",
                limit=limit,
            )
        )
        self.limit = limit


class PlacedAMomentAgo(Refused):
    """The same bet has just come by another message."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            _(
                "You placed this bet a moment ago: Ref {reference}. No money was taken again. To"
                " bet the same once more, wait {minutes} minutes.",
                reference=reference,
                minutes=int(TWICE_WITHIN / timedelta(minutes=1)),
            )
        )
        self.reference = reference


@dataclass(frozen=True)
class SmsBet:
    """A bet with what its answer says.

    `returns` is what such a stake would return by the pool that was found; None where that depends
    on the winners.
    """

    bet: Bet
    label: str
    closes_at: datetime
    returns: Money | None


def bet_by_sms(
    connection: Connection,
    *,
    wanted: Wanted,
    key: Key,
    settings: Settings,
    on_its_way: timedelta = timedelta(0),
) -> SmsBet:
    """Place the bet as place_bet does, and queue no receipt: the answer is the receipt.

    The key's scope tells bets by SMS from others. A repeat of the key returns the first bet; the
    same bet by another message is refused if it was placed since this one was written, or within
    two minutes before. Raises SmsBetsOff, SmsStakeLimit, PlacedAMomentAgo, and whatever place_bet
    raises; the transaction, or its savepoint, must then be rolled back.
    """
    within = TWICE_WITHIN + on_its_way
    config = read_config(connection, settings=settings)
    limit = sms_limit(connection, player_id=wanted.player_id, config=config)
    before = _lately(connection, wanted, key, within=within)
    if not before.placed:
        _ensure_allowed(before, limit, staked=Money(int(before.today_cents)) + wanted.stake)
    # The pool is a sum over every bet: not one to wait for behind the locks that follow.
    listed = show_market(connection, market_id=wanted.market_id)
    entered = enter_bet(connection, wanted=wanted, key=key, settings=settings)
    if entered.is_new:
        # The wallet is held by now, so that of two at once the second sees the first. It looks back
        # from the moment by which the bet was judged: the wait may have passed midnight.
        placed_at = entered.bet.placed_at
        after = _lately(connection, wanted, key, within=within, placed_at=placed_at)
        _ensure_allowed(after, limit, staked=Money(int(after.today_cents)))
    closes_at = listed.market.closes_at
    return SmsBet(entered.bet, entered.label, closes_at, _returns(listed, wanted))


def _lately(
    connection: Connection,
    wanted: Wanted,
    key: Key,
    *,
    within: timedelta,
    placed_at: datetime | None = None,
) -> Row[*tuple[object, ...]]:
    values = {
        "player_id": wanted.player_id,
        "market_id": wanted.market_id,
        "side": wanted.side,
        "stake_cents": wanted.stake.cents,
        "scope": key.scope,
        "key": key.value,
        "within": within,
        "placed_at": placed_at,
    }
    return connection.execute(_LATELY, values).one()


def _ensure_allowed(lately: Row[*tuple[object, ...]], limit: Money, *, staked: Money) -> None:
    if not limit:
        raise SmsBetsOff
    if lately.twin is not None:
        raise PlacedAMomentAgo(reference_of(lately.twin))
    if staked > limit:
        raise SmsStakeLimit(limit)


def _returns(listed: ListedMarket, wanted: Wanted) -> Money | None:
    return indicative_return(
        listed.pool,
        side=wanted.side,
        stake=wanted.stake,
        fee_bps=listed.market.fee_bps,
        payout_rule=listed.market.payout_rule,
    )
