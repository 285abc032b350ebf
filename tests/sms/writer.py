"""A player who bets by SMS."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

from sqlalchemy import Connection

from core.database import in_transaction
from core.ledger.transfer import Key
from core.markets.rules import Side
from core.money import kes
from core.players.limits import LimitKind, set_limit
from core.text import Language
from sms.betting import Order, Reply, bet_by_sms, cancel_by_sms
from sms.desk import Desk
from tests.world import World

PHONE = "+254700000001"
_messages = count(1)


class Writer:
    """A player who bets by SMS."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.desk = Desk(world.database, world.pepper, world.settings)
        self.market = world.has_market(label="Gor Mahia win", closes_in=timedelta(days=5))

    def bets(
        self,
        stake: int,
        side: Side = Side.YES,
        *,
        market: int | None = None,
        message: str | None = None,
    ) -> Reply:
        order = Order(self.market if market is None else market, side, kes(stake))
        key = Key("sms", message or f"ATXid_{next(_messages)}")
        return self._asks(bet_by_sms, desk=self.desk, order=order, key=key)

    def cancels(self, reference: str) -> Reply:
        return self._asks(cancel_by_sms, reference=reference)

    def limits(self, shillings: int) -> timedelta:
        player_id, amount = self.world.player(PHONE).id, kes(shillings)
        return in_transaction(
            self.world.database,
            lambda c: set_limit(
                c,
                player_id=player_id,
                kind=LimitKind.SMS_STAKE,
                amount=amount,
                unset=kes(1000),
            ),
        )

    def _asks(self, command: Callable[..., Reply], **what: object) -> Reply:
        world = self.world
        player = world.player(PHONE)

        def obeyed(connection: Connection) -> Reply:
            return command(connection, player=player, **what)

        return in_transaction(world.database, obeyed)


def english(told: Reply) -> str:
    return told.text.in_(Language.ENGLISH)


def reference_in(told: Reply) -> str:
    return english(told).split("CANCEL ")[1].split()[0]
