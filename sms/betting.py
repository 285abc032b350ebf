"""Bets by SMS: placed and cancelled without a PIN, so within limits of their own."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from core.clock import time_of_day
from core.errors import Refused
from core.ledger.transfer import Key
from core.markets import bet_by_sms as betting
from core.markets.cancel_bet import CANCEL_WITHIN, cancel_bet
from core.markets.place_bet import Wanted
from core.markets.rules import NoSuchMarket, Side
from core.money import Money
from core.notices import bet_texts, examples
from core.notices.kinds import ANSWER
from core.players.records import Player
from core.text import Text
from sms.desk import Desk


@dataclass(frozen=True)
class Order:
    """A bet as it was written; whether there is such a market is still to be seen."""

    market_id: int
    side: Side
    stake: Money


@dataclass(frozen=True)
class Reply:
    """What is answered, and as which of the kinds of SMS: a receipt where money moved."""

    text: Text
    kind: str = ANSWER


def bet_by_sms(
    connection: Connection,
    *,
    desk: Desk,
    player: Player,
    order: Order,
    key: Key,
    on_its_way: timedelta = timedelta(0),
) -> Reply:
    """Place the bet, or say why not; a refusal moves nothing. The key names the message.

    Repeated with the key, it tells of the first bet. What else the transaction has done stands.
    """
    wanted = Wanted(order.market_id, player.id, order.side, order.stake)
    try:
        with connection.begin_nested():
            placed = betting.bet_by_sms(
                connection,
                wanted=wanted,
                key=key,
                settings=desk.settings,
                on_its_way=on_its_way,
            )
    except NoSuchMarket:
        return Reply(examples.bet_on_no_market())
    except Refused as refusal:
        return Reply(refusal.text)
    cancel_until = min(placed.bet.placed_at + CANCEL_WITHIN, placed.closes_at)
    text = bet_texts.bet_by_sms_placed(
        reference=placed.bet.reference,
        stake=placed.bet.stake,
        side=placed.bet.side,
        market_id=placed.bet.market_id,
        label=placed.label,
        returns=placed.returns,
        balance=placed.bet.balance,
        cancel_until=time_of_day(cancel_until),
    )
    return Reply(text, "bet_placed")


def cancel_by_sms(connection: Connection, *, player: Player, reference: str) -> Reply:
    """Cancel the player's bet of this reference, or say why not.

    Repeated, it tells of the first time. What else the transaction has done stands.
    """
    try:
        with connection.begin_nested():
            cancelled = cancel_bet(connection, player=player, reference=reference)
    except Refused as refusal:
        return Reply(refusal.text)
    if not cancelled.is_new:
        return Reply(
            bet_texts.bet_cancelled_before(
                reference=cancelled.reference, stake=cancelled.stake, reversal=cancelled.receipt
            )
        )
    text = bet_texts.bet_cancelled(
        reference=cancelled.reference,
        stake=cancelled.stake,
        market_id=cancelled.market_id,
        label=cancelled.label,
        balance=cancelled.balance,
        reversal=cancelled.receipt,
    )
    return Reply(text, "bet_cancelled")
