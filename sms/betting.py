"""Bets by SMS: placed and cancelled without a PIN, so within limits of their own."""

from dataclasses import dataclass

from sqlalchemy import Connection

from core.ledger.transfer import Key
from core.markets.rules import Side
from core.money import Money
from core.notices import answers
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
class Told:
    """What is answered, and as which of the KINDS: a receipt where money moved."""

    text: Text
    kind: str = "answer"


def bet_by_sms(
    connection: Connection, *, desk: Desk, player: Player, order: Order, key: Key
) -> Told:
    """Place the bet, or say why not; a refusal moves nothing. The key names the message."""
    del connection, player, order, key
    return Told(answers.only_on_the_menu(service_code=desk.dial))


def cancel_by_sms(connection: Connection, *, desk: Desk, player: Player, reference: str) -> Told:
    """Cancel the player's bet of this reference, or say why not."""
    del connection, player, reference
    return Told(answers.only_on_the_menu(service_code=desk.dial))
