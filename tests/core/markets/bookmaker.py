"""Places bets and brings markets to their end, in the words of the tests."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count

from core.database import in_transaction
from core.ledger.transfer import Key
from core.markets.close_market import close_market
from core.markets.market import Market, get_market
from core.markets.place_bet import Bet, place_bet
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_market
from core.markets.summary import Summary
from core.money import Money, kes
from core.staff.records import Admin, find_admin
from tests.world import ASHA, BARAKA, World

_numbers = count(1)
NO_WINDOW = timedelta(0)


@dataclass(frozen=True)
class Bookmaker:
    world: World

    @property
    def asha(self) -> Admin:
        """Made every market, and proposes."""
        return self.admin(ASHA)

    @property
    def baraka(self) -> Admin:
        """Approved every market, and resolves."""
        return self.admin(BARAKA)

    def admin(self, email: str) -> Admin:
        return in_transaction(self.world.database, lambda c: find_admin(c, email=email))

    def bets(
        self,
        phone: str,
        market_id: int,
        side: Side,
        stake: int | Money,
        *,
        key: Key | None = None,
    ) -> Bet:
        amount = stake if isinstance(stake, Money) else kes(stake)
        player_id = self.world.player(phone).id
        return in_transaction(
            self.world.database,
            lambda c: place_bet(
                c,
                player_id=player_id,
                market_id=market_id,
                side=side,
                stake=amount,
                key=key or Key("test-bet", str(next(_numbers))),
                stake_range=self.world.settings.stake_range,
            ),
        )

    def market(self, market_id: int) -> Market:
        return in_transaction(self.world.database, lambda c: get_market(c, market_id=market_id))

    def closes(self, market_id: int, *, by: Admin | None = None) -> Market:
        return in_transaction(
            self.world.database,
            lambda c: close_market(c, market_id=market_id, by=by or self.asha),
        )

    def proposes(self, market_id: int, outcome: Outcome, *, by: Admin | None = None) -> Market:
        return in_transaction(
            self.world.database,
            lambda c: propose_result(
                c,
                market_id=market_id,
                outcome=outcome,
                evidence="The referee's report",
                by=by or self.asha,
            ),
        )

    def resolves(
        self, market_id: int, *, by: Admin | None = None, window: timedelta = NO_WINDOW
    ) -> Summary:
        return in_transaction(
            self.world.database,
            lambda c: resolve_market(
                c, market_id=market_id, by=by or self.baraka, challenge_window=window
            ),
        )

    def pays(self, market_id: int) -> None:
        settle_market(self.world.database, market_id=market_id, progress=_unheard)

    def ends(self, market_id: int, outcome: Outcome) -> Summary:
        """From open to paid."""
        if outcome is not Outcome.VOID:
            self.closes(market_id)
        self.proposes(market_id, outcome)
        summary = self.resolves(market_id)
        self.pays(market_id)
        return summary


def _unheard(done: int, everything: int) -> None:
    assert done <= everything
