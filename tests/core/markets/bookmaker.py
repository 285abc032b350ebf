"""Places bets and brings markets to their end, in the words of the tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import func, select, text

from core.database import in_transaction
from core.ledger.book import available_account, side_account
from core.ledger.transfer import Entry, Key, Transfer, TransferKind
from core.markets.cancel_bet import CancelledBet, cancel_bet
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.jobs import jobs
from core.markets.market import Market, get_market
from core.markets.place_bet import Bet, place_bet
from core.markets.propose_result import propose_result
from core.markets.resolve_market import resolve_market
from core.markets.rules import Outcome, Side
from core.markets.settle_market import settle_market
from core.markets.summary import Summary
from core.money import Money, kes
from core.outbox.deliver import Done
from core.outbox.records import Job, outbox
from core.staff.records import Admin, find_admin
from tests.world import ASHA, BARAKA, World

_numbers = count(1)
NO_WINDOW = timedelta(0)
_BULK = text("""
    INSERT INTO bet (market_id, player_id, side, stake_cents, transfer_id, placed_at)
    SELECT :market, :player, 'yes', :stake, t.transfer_id, t.posted_at
    FROM generate_series(1, :bets) AS n
    CROSS JOIN post_transfer('stake', 'test-bulk', :market || ':' || n, :request,
        :accounts, :cents, 'test', NULL, NULL, NULL) t
""")


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
                settings=self.world.settings,
            ),
        )

    def cancels(self, phone: str, reference: str) -> CancelledBet:
        player = self.world.player(phone)
        return in_transaction(
            self.world.database, lambda c: cancel_bet(c, player=player, reference=reference)
        )

    def bets_in_bulk(self, phone: str, market_id: int, bets: int) -> None:
        """So many bets of 20 shillings on YES, in one statement, where only their number counts."""
        player_id, stake = self.world.player(phone).id, kes(20)
        with self.world.owner.begin() as connection:
            wallet = available_account(connection, player_id=player_id)
            side = side_account(connection, market_id=market_id, side=Side.YES)
            entries = (Entry(wallet, -stake), Entry(side, stake))
            alike = Transfer(TransferKind.STAKE, Key("test-bulk", ""), entries, actor="test")
            values = {
                "bets": bets,
                "market": market_id,
                "player": player_id,
                "request": alike.request_hash,
                "accounts": [entry.account_id for entry in entries],
                "cents": [entry.amount.cents for entry in entries],
                "stake": stake.cents,
            }
            connection.execute(_BULK, values)
            connection.execute(text("ANALYZE bet"))

    def market(self, market_id: int) -> Market:
        return in_transaction(self.world.database, lambda c: get_market(c, market_id=market_id))

    def closes(self, market_id: int, *, by: Admin | None = None) -> Market:
        return in_transaction(
            self.world.database,
            lambda c: close_market(c, market_id=market_id, by=by or self.asha),
        )

    def proposes(
        self,
        market_id: int,
        outcome: Outcome,
        *,
        by: Admin | None = None,
        window: timedelta = NO_WINDOW,
        late_from: datetime | None = None,
    ) -> Market:
        return in_transaction(
            self.world.database,
            lambda c: propose_result(
                c,
                market_id=market_id,
                outcome=outcome,
                evidence="The referee's report",
                by=by or self.asha,
                challenge_window=window,
                late_from=late_from,
            ),
        )

    def corrects(
        self,
        market_id: int,
        outcome: Outcome,
        *,
        by: Admin | None = None,
        late_from: datetime | None = None,
        window: timedelta = NO_WINDOW,
    ) -> Market:
        return in_transaction(
            self.world.database,
            lambda c: correct_result(
                c,
                market_id=market_id,
                outcome=outcome,
                evidence="The video of the goal",
                by=by or self.asha,
                challenge_window=window,
                late_from=late_from,
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
        self.tells()

    def tells(self) -> None:
        """What a worker would: whoever was paid is told; other work stays where it is."""
        handle = jobs(database=self.world.database)["tell_settled"]
        waiting = outbox.c.kind == "tell_settled", outbox.c.done_at.is_(None)
        with self.world.database.connect() as connection:
            found = connection.execute(select(outbox).where(*waiting).order_by(outbox.c.id)).all()
        for row in found:
            assert handle(Job(row.id, row.kind, row.payload, 1, row.fence)) == Done()
            change = outbox.update().where(outbox.c.id == row.id)
            with self.world.database.begin() as connection:
                connection.execute(change.values(done_at=func.kibeezy_now()))

    def ends(
        self, market_id: int, outcome: Outcome, *, late_from: datetime | None = None
    ) -> Summary:
        """From open to paid."""
        if outcome is not Outcome.VOID:
            self.closes(market_id)
        self.proposes(market_id, outcome, late_from=late_from)
        summary = self.resolves(market_id)
        self.pays(market_id)
        return summary

    def ends_anew(
        self, market_id: int, outcome: Outcome, *, late_from: datetime | None = None
    ) -> Summary:
        """From settled to corrected and paid."""
        self.corrects(market_id, outcome, late_from=late_from)
        summary = self.resolves(market_id)
        self.pays(market_id)
        return summary


def _unheard(done: int, everything: int) -> None:
    assert done <= everything
