"""A player bets on one side of a market."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Label, Row, func, select, text
from sqlalchemy.exc import DBAPIError

from core.config.in_force import Config, config_of
from core.database import sql_state
from core.errors import Refused
from core.ledger.book import InsufficientFunds, KeyReused, Posted, left_in, post
from core.ledger.reference import reference_of
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.markets.market import ensure_number
from core.markets.records import bet, every_bet
from core.markets.rules import (
    MarketClosed,
    MarketPaused,
    MarketStatus,
    NoSuchMarket,
    RunsTheMarket,
    Side,
    StakeAboveOwnLimit,
    ensure_stake,
)
from core.money import Money
from core.notices.notify import notify
from core.notices.texts import bet_placed
from core.players.records import Player, player_from
from core.players.rules import ensure_may_play
from core.settings import Settings
from core.switches.rules import Stopped, Switch
from core.text import _

# The dated values are those of the moment by which the bet is judged. They and the switch stand
# beside what the function returns, for a process that runs while a migration does must find it as
# it was.
_SITUATION = text(
    """
    SELECT s.*,
        (SELECT jsonb_object_agg(v.name, v.value) FROM values_in_force(s.as_of) v) AS in_force,
        (SELECT stopped_at IS NOT NULL FROM switch WHERE kind = 'bets') AS stopped
    FROM bet_situation(:market_id, :player_id, :side, :scope, :key) s
    """
)


class StakeNotCovered(InsufficientFunds):
    """The wallet holds less than the stake."""

    def __init__(self, shortfall: Money) -> None:
        super().__init__()
        self.text = _("You need {shortfall} more. No money was taken.", shortfall=shortfall)
        self.shortfall = shortfall


class DailyStakeLimit(Refused):
    """The bet would pass what anybody may stake per day in Nairobi."""

    def __init__(self, limit: Money) -> None:
        super().__init__(
            _("Bets of one day may be {limit} in all. No money was taken.", limit=limit)
        )
        self.limit = limit


class GivenUp(Refused):
    """The player has been told meanwhile that this bet was not placed."""

    def __init__(self) -> None:
        super().__init__(_("Your last bet was not placed. No money was taken."))


@dataclass(frozen=True)
class Bet:
    """A bet in the book. `balance` is what the wallet holds after it, or at a repeat of it."""

    id: int
    market_id: int
    player_id: int
    side: Side
    stake: Money
    transfer_id: int
    placed_at: datetime
    balance: Money

    @property
    def reference(self) -> str:
        """What receipts call it."""
        return reference_of(self.transfer_id)


@dataclass(frozen=True)
class Wanted:
    """A bet as it is asked for; whether there is such a market is still to be seen."""

    market_id: int
    player_id: int
    side: Side
    stake: Money


@dataclass(frozen=True)
class Entered:
    """A bet in the book, whose it is, and whether it came there by this call."""

    bet: Bet
    player: Player
    label: str
    is_new: bool


def place_bet(
    connection: Connection,
    *,
    player_id: int,
    market_id: int,
    side: Side,
    stake: Money,
    key: Key,
    settings: Settings,
) -> Bet:
    """Move the stake from the wallet to the side, write the bet, and ask for the receipt's SMS.

    It counts only if the market is open by the database's clock, read under the market's lock. A
    repeat of the key returns the first bet, even after the market has closed, and moves nothing.
    Raises NoSuchMarket, Stopped, MarketClosed, MarketPaused, StakeOutOfRange by the limits in
    force, StakeAboveOwnLimit, StakeNotCovered (or its parent InsufficientFunds, where another bet
    was quicker), DailyStakeLimit, RunsTheMarket, GivenUp, what ensure_may_play raises, or
    KeyReused. The transaction must then be rolled back.
    """
    wanted = Wanted(market_id, player_id, side, stake)
    entered = enter_bet(connection, wanted=wanted, key=key, settings=settings)
    if entered.is_new:
        _send_receipt(connection, entered)
    return entered.bet


def enter_bet(connection: Connection, *, wanted: Wanted, key: Key, settings: Settings) -> Entered:
    """The same without a receipt, for who answers in another way."""
    now = _situation(connection, wanted, key)
    player, known = player_from(now), now.earlier_transfer
    if known is None:
        config = config_of(now.in_force or {}, settings=settings)
        _ensure_allowed(player, now, wanted, config)
        posted = post(
            connection,
            Transfer(
                kind=TransferKind.STAKE,
                key=key,
                entries=(
                    Entry(now.wallet_account, -wanted.stake),
                    Entry(now.side_account, wanted.stake),
                ),
                actor=f"player:{wanted.player_id}",
            ),
        )
        if not posted.replayed:
            new = _write(connection, wanted, posted, now, most_today=config.daily_stake_max)
            return Entered(new, player, now.label, is_new=True)
        known = posted.transfer_id
    first = _earlier(connection, known, wanted, now.wallet_account)
    return Entered(first, player, now.label, is_new=False)


def _situation(connection: Connection, wanted: Wanted, key: Key) -> Row[*tuple[object, ...]]:
    ensure_number(wanted.market_id)
    values = {
        "market_id": wanted.market_id,
        "player_id": wanted.player_id,
        "side": wanted.side,
        "scope": key.scope,
        "key": key.value,
    }
    try:
        found = connection.execute(_SITUATION, values).one_or_none()
    except DBAPIError as error:
        if sql_state(error) == "KB009":
            raise GivenUp from error
        raise
    if found is None:
        raise NoSuchMarket(wanted.market_id)
    return found


def _ensure_allowed(
    player: Player,
    now: Row[*tuple[object, ...]],
    wanted: Wanted,
    config: Config,
) -> None:
    stake = wanted.stake
    if now.stopped:
        raise Stopped(Switch.BETS)
    ensure_may_play(player)
    if now.status == MarketStatus.SUSPENDED and now.as_of < now.closes_at:
        raise MarketPaused
    if now.status != MarketStatus.OPEN or now.as_of >= now.closes_at:
        raise MarketClosed(wanted.market_id)
    if now.runs_market:
        raise RunsTheMarket
    smallest, largest = config.stake_range
    ensure_stake(stake, smallest=smallest, largest=largest)
    if now.own_limit_cents is not None and stake.cents > now.own_limit_cents:
        raise StakeAboveOwnLimit(Money(now.own_limit_cents))
    if now.wallet_cents < stake.cents:
        raise StakeNotCovered(stake - Money(now.wallet_cents))


def _write(
    connection: Connection,
    wanted: Wanted,
    posted: Posted,
    now: Row[*tuple[object, ...]],
    *,
    most_today: Money | None,
) -> Bet:
    row = connection.execute(
        bet.insert()
        .values(
            market_id=wanted.market_id,
            player_id=wanted.player_id,
            side=wanted.side,
            stake_cents=wanted.stake.cents,
            transfer_id=posted.transfer_id,
            # The moment by which it was judged: posting may have had to wait past the close.
            placed_at=now.as_of,
        )
        # The wallet is held by now, so that of two bets at once the second counts the first.
        .returning(
            bet,
            left_in(now.wallet_account),
            *([] if most_today is None else [_staked_today(wanted.player_id, now.as_of)]),
        )
    ).one()
    if most_today is not None and Money(row.staked_cents) + wanted.stake > most_today:
        raise DailyStakeLimit(most_today)
    return _bet(row)


def _send_receipt(connection: Connection, entered: Entered) -> None:
    placed, player = entered.bet, entered.player
    notify(
        connection,
        player_id=player.id,
        phone=player.phone,
        language=player.language,
        kind="bet_placed",
        text=bet_placed(
            reference=placed.reference,
            stake=placed.stake,
            side=placed.side,
            market_id=placed.market_id,
            label=entered.label,
            balance=placed.balance,
        ),
    )


def _earlier(connection: Connection, transfer_id: int, wanted: Wanted, wallet_account: int) -> Bet:
    # Also one that was cancelled since: it was placed all the same.
    query = select(every_bet, left_in(wallet_account))
    row = connection.execute(query.where(every_bet.c.transfer_id == transfer_id)).one_or_none()
    first = None if row is None else _bet(row)
    same = first is not None and wanted == Wanted(
        first.market_id, first.player_id, first.side, first.stake
    )
    if first is None or not same:
        raise KeyReused(transfer_id)
    return first


def _staked_today(player_id: int, as_of: datetime) -> Label[int]:
    earlier = bet.alias("earlier")
    staked = select(func.coalesce(func.sum(earlier.c.stake_cents), 0)).where(
        earlier.c.player_id == player_id,
        earlier.c.placed_at >= func.date_trunc("day", as_of, "Africa/Nairobi"),
    )
    return staked.scalar_subquery().label("staked_cents")


def _bet(row: Row[*tuple[object, ...]]) -> Bet:
    return Bet(
        id=row.id,
        market_id=row.market_id,
        player_id=row.player_id,
        side=Side(row.side),
        stake=Money(row.stake_cents),
        transfer_id=row.transfer_id,
        placed_at=row.placed_at,
        balance=Money(row.left_cents),
    )
