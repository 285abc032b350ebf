"""An hour without the provider, and the drain behind it: in order, and nothing twice."""

import re
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from sqlalchemy import select

from core.database import in_transaction
from core.markets.rules import Outcome, Side
from core.money import kes
from core.notices.kinds import CODE, KINDS
from core.outbox.records import outbox
from core.players.phone_code import Purpose, ask_code
from tests.core.markets.bookmaker import Bookmaker
from tests.sms.air import Air

PLAYERS: Final = [f"+2547000002{number:02}" for number in range(8)]
NEWCOMER: Final = "+254700000300"
# Tried all the time, a receipt would have been offered some 3,600 times in an hour.
MOST_TRIES: Final = 20


@dataclass
class Day:
    """A day on which the provider fails while people play."""

    air: Air

    @property
    def bookmaker(self) -> Bookmaker:
        return Bookmaker(self.air.world)

    def everybody_bets(self, market_id: int) -> None:
        for number, phone in enumerate(PLAYERS):
            side = Side.YES if number % 2 else Side.NO
            self.bookmaker.bets(phone, market_id, side, 100)

    def asks_for_a_code(self) -> None:
        player_id = self.air.world.player(NEWCOMER).id
        in_transaction(
            self.air.world.database,
            lambda c: ask_code(c, player_id=player_id, purpose=Purpose.VERIFY),
        )

    def minutes(self, count: int) -> None:
        for _ in range(count):
            self.air.world.moves(minutes=1)
            self.air.works()

    def arrived(self) -> list[str]:
        """The kinds of what the network took, in the order in which it came."""
        kinds = {row.provider_id: str(row.kind) for row in self.air.rows()}
        return [kinds[message["id"]] for message in self.air.sent()]

    def tries(self) -> list[int]:
        query = select(outbox.c.attempts).where(outbox.c.kind == "send_sms")
        with self.air.world.database.connect() as connection:
            return list(connection.execute(query).scalars())


def test_an_hour_of_errors_and_the_drain_behind_it(air: Air) -> None:
    day = Day(air)
    # News has its hours.
    air.world.comes_to(10)
    for phone in PLAYERS:
        air.world.has_player(phone, balance=kes(1000))
    air.world.has_player(NEWCOMER, verified=False)
    ends, goes_on, is_disputed = (air.world.has_market(label=f"Match {n}") for n in range(3))
    air.network(sms="error_500")
    day.minutes(5)
    day.everybody_bets(ends)
    day.everybody_bets(is_disputed)
    day.asks_for_a_code()
    day.minutes(10)
    day.bookmaker.ends(ends, Outcome.YES)
    day.minutes(10)
    day.bookmaker.closes(is_disputed)
    day.bookmaker.proposes(is_disputed, Outcome.NO, window=timedelta(hours=24))
    day.asks_for_a_code()
    day.minutes(35)
    assert air.sent() == []
    # Money went on as on any other day: three bets of 100 each, and 180 for each winner.
    day.everybody_bets(goes_on)
    assert sum(air.world.wallet(phone).cents for phone in PLAYERS) == 8 * 70_000 + 4 * 18_000
    assert max(day.tries()) < MOST_TRIES
    assert all(row.status in {"queued", "refused"} for row in air.rows())

    day.asks_for_a_code()
    # The first that is taken calls all the others from their pauses, and they come in order.
    air.network(sms=None)
    air.passes()

    kinds = day.arrived()
    assert Counter(kinds) == {
        CODE: 1,
        "bet_placed": 3 * len(PLAYERS),
        "bets_settled": len(PLAYERS),
        "result_proposed": len(PLAYERS),
    }
    assert [KINDS[kind].priority for kind in kinds] == sorted(
        KINDS[kind].priority for kind in kinds
    )
    queued = Counter((row.phone, row.body) for row in air.rows() if row.kind != CODE)
    assert Counter((m["to"], m["text"]) for m in air.sent() if m["to"] != NEWCOMER) == queued
    assert set(queued.values()) == {1}
    [code] = re.findall(r"\d{6}", " ".join(air.inbox(NEWCOMER)))
    air.phone_writes(code, phone=NEWCOMER)
    assert air.world.player(NEWCOMER).kyc_verified_at is not None
    before = len(air.sent())
    air.passes(hours=3)
    assert len(air.sent()) - before == 1
    assert {row.status for row in air.rows() if row.kind != CODE} == {"delivered"}
