"""A market whose price is moved by a crowd, and people who watch it."""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import text

from core.markets.rules import Side
from core.watchers.watch_markets import watch_markets
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.exchange import PHONE, Exchange

OTHER: Final = "+254700000002"
CROWD, RIVALS = "+254700000077", "+254700000078"


@dataclass(frozen=True)
class Watching:
    """A market whose price is moved by a crowd, and people who watch it."""

    exchange: Exchange
    market: int

    def price_goes_to(self, percent: int) -> None:
        """The crowd bets until YES has that share, or nearly."""
        yes, no = self._pool()
        missing = percent * (yes + no) - 100 * yes
        if missing > 0:
            self._bets(CROWD, Side.YES, max(20, -(-missing // (100 - percent))))
        else:
            self._bets(RIVALS, Side.NO, max(20, -(missing // percent)))

    def hears(self, phone: str = PHONE) -> list[str]:
        """What the worker's next look brings to the phone."""
        before = len(self.exchange.queued(phone))
        watch_markets(self.exchange.world.database)
        return self.exchange.queued(phone)[before:]

    def _bets(self, phone: str, side: Side, stake: int) -> None:
        Bookmaker(self.exchange.world).bets(phone, self.market, side, stake)

    def _pool(self) -> tuple[int, int]:
        with self.exchange.world.database.connect() as connection:
            query = text(
                "SELECT coalesce(sum(stake_cents) FILTER (WHERE side = 'yes'), 0) / 100,"
                " coalesce(sum(stake_cents) FILTER (WHERE side = 'no'), 0) / 100"
                " FROM bet WHERE market_id = :market"
            )
            yes, no = connection.execute(query, {"market": self.market}).one()
            return int(yes), int(no)
