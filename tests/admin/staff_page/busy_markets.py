"""A dozen markets in every state, and bets on them over two days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Final

from sqlalchemy import Connection, func, select

from core.ledger.transfer import Key
from core.markets.approve_market import approve_market
from core.markets.close_market import close_market
from core.markets.correct_result import correct_result
from core.markets.create_market import create_market
from core.markets.dispute_result import dispute_result
from core.markets.place_bet import Wanted, enter_bet
from core.markets.propose_result import propose_result
from core.markets.records import bet, market
from core.markets.resolve_market import resolve_market
from core.markets.rules import MarketStatus, Outcome, PayoutRule, Side
from core.markets.suspend_market import suspend_market
from core.money import kes
from core.players.records import get_player
from core.staff.records import Admin
from tests.admin.staff_page.town import BEGINS, Town

A_DAY: Final = timedelta(days=1)
NO_WINDOW: Final = timedelta(0)
TIMES_TABLE: Final = "The league's own table, 24 November, 22:10"


@dataclass(frozen=True)
class Written:
    """A market as somebody would write it; it closes on this day of the week."""

    name: str
    question: str
    label: str
    category: str
    closes: str
    yes_of_hundred: int = 50
    rule: PayoutRule = PayoutRule.PRO_RATA
    source: str = "The organiser's website"


MARKETS: Final = (
    Written("derby", "Will Gor Mahia beat AFC Leopards on Sunday?", "Gor beat Leopards", "Football",
            "2026-11-29T15:00", 64, source="The Football Kenya Federation's match report"),
    Written("rain", "Will it rain in Nairobi on Friday?", "Rain on Friday", "Weather",
            "2026-11-27T06:00", 71, source="Kenya Met, Dagoretti Corner"),
    Written("shilling", "Will a dollar cost under KES 129 on 1 December?", "Dollar under 129",
            "Money", "2026-12-01T09:00", 38, source="Central Bank of Kenya, mean rate"),
    Written("marathon", "Will a Kenyan win the Valencia Marathon (men)?", "Valencia, men",
            "Athletics", "2026-12-06T09:00", 88, PayoutRule.EQUAL),
    Written("harambee", "Will Harambee Stars score twice tonight?", "Stars score 2", "Football",
            "2026-11-25T21:00", 45),
    Written("petrol", "Will petrol cost less in December?", "Petrol down", "Money",
            "2026-12-14T12:00", 30),
    Written("concert", "Will the Uhuru Gardens concert sell out?", "Concert sold out", "Culture",
            "2026-11-25T12:00", 60),
    Written("tusker", "Will Tusker win on Tuesday?", "Tusker win", "Football",
            "2026-11-24T19:00", 55),
    Written("bandari", "Will Bandari and Sofapaka draw?", "Bandari draw", "Football",
            "2026-11-24T19:00", 35),
    Written("sevens", "Will the Kenya Sevens reach the semi-final?", "Sevens semi", "Rugby",
            "2026-11-24T18:00", 70),
    Written("budget", "Will the county budget pass on Tuesday?", "County budget", "News",
            "2026-11-24T17:00", 52),
    Written("eliud", "Will the course record fall on Monday?", "Course record", "Athletics",
            "2026-11-23T18:00", 25),
    Written("safari", "Will a Kenyan lead after stage three?", "Rally stage three", "Rally",
            "2026-11-24T16:00", 41),
    Written("fog", "Will JKIA close for fog on Tuesday?", "JKIA fog", "Weather",
            "2026-11-24T10:00", 12),
)  # fmt: skip
DRAFTS: Final = (
    Written("mashemeji", "Will the derby draw more than 30,000 fans?", "Derby crowd", "Football",
            "2026-11-29T15:00", source="The stadium's gate count"),
    Written("maize", "Will a bag of maize cost over KES 4,000 at New Year?", "Maize over 4,000",
            "Money", "2026-12-31T18:00"),
)  # fmt: skip


class Markets:
    """Two admins of markets at work; which market is which stands in `ids`."""

    def __init__(self, town: Town, *, maker: Admin, approver: Admin, third: Admin) -> None:
        self.town, self.maker, self.approver, self.third = town, maker, approver, third
        self.ids: dict[str, int] = {}
        self._rng = Random(20261125)  # noqa: S311 - the same day each time, no secret
        self._bets = 0

    def open(self) -> None:
        """All but the drafts are approved at once."""
        for written in MARKETS:
            market_id = self._writes(written, by=self.maker)
            self.town.do(
                lambda c, market_id=market_id: approve_market(  # type: ignore[misc]
                    c, market_id=market_id, by=self.approver
                )
            )

    def draft(self) -> None:
        self._writes(DRAFTS[0], by=self.maker)
        self._writes(DRAFTS[1], by=self.approver)

    def take_bets(self, players: Sequence[int]) -> None:
        """A bet on each market that takes bets now, and some more on the one all talk about."""
        takes_bets = select(market.c.id).where(
            market.c.status == MarketStatus.OPEN, market.c.closes_at > func.kibeezy_now()
        )
        numbers = set(self.town.do(lambda c: c.execute(takes_bets).scalars().all()))
        open_now = [one for one in MARKETS if self.ids[one.name] in numbers]
        self._bet(open_now, players)
        for _ in range(self._rng.randrange(4)):
            self.town.world.moves(minutes=self._rng.randrange(2, 8))
            self._bet(MARKETS[:1], players)

    def close(self, name: str) -> None:
        self.town.do(lambda c: close_market(c, market_id=self.ids[name], by=self.maker))

    def suspend(self, name: str, why: str) -> None:
        self.town.do(
            lambda c: suspend_market(c, market_id=self.ids[name], reason=why, by=self.maker)
        )

    def propose(
        self, name: str, outcome: Outcome, *, window: timedelta = NO_WINDOW, why: str = TIMES_TABLE
    ) -> None:
        self.town.do(
            lambda c: propose_result(
                c,
                market_id=self.ids[name],
                outcome=outcome,
                evidence=why,
                by=self.maker,
                challenge_window=window,
            )
        )

    def resolve(self, name: str) -> None:
        self.town.do(
            lambda c: resolve_market(
                c, market_id=self.ids[name], by=self.approver, challenge_window=NO_WINDOW
            )
        )

    def correct(self, name: str, outcome: Outcome) -> None:
        self.town.do(
            lambda c: correct_result(
                c,
                market_id=self.ids[name],
                outcome=outcome,
                evidence="The stewards' decision, which came an hour later",
                by=self.maker,
                challenge_window=A_DAY,
            )
        )

    def dispute(self, name: str) -> None:
        """Whoever bet first says that the result is wrong."""

        def first_objects(connection: Connection) -> None:
            first = select(func.min(bet.c.player_id)).where(bet.c.market_id == self.ids[name])
            player = get_player(connection, player_id=connection.execute(first).scalar_one())
            dispute_result(connection, market_id=self.ids[name], player=player)

        self.town.do(first_objects)

    def _bet(self, on: Sequence[Written], players: Sequence[int]) -> None:
        wanted = [self._wish(one, players) for one in on]

        def place(connection: Connection) -> None:
            for one in wanted:
                self._bets += 1
                enter_bet(
                    connection,
                    wanted=one,
                    key=Key("town-bet", f"call-{self._bets}:1"),
                    settings=self.town.world.settings,
                )

        self.town.do(place)

    def _writes(self, written: Written, *, by: Admin) -> int:
        made = self.town.do(
            lambda c: create_market(
                c,
                question=written.question,
                label=written.label,
                category=written.category,
                closes_at=f"{written.closes}+03:00",
                fee_bps=self.town.world.settings.platform_fee_bps,
                payout_rule=written.rule,
                resolves_from=written.source,
                by=by,
            )
        )
        self.ids[written.name] = made.id
        return made.id

    def _wish(self, one: Written, players: Sequence[int]) -> Wanted:
        says_yes = self._rng.randrange(100) < one.yes_of_hundred
        stake = kes(self._rng.choice((20, 50, 50, 100, 100, 150, 200, 300, 500)))
        player_id = self._rng.choice(players)
        return Wanted(self.ids[one.name], player_id, Side.YES if says_yes else Side.NO, stake)


assert BEGINS.isoformat()[:16] < min(one.closes for one in MARKETS), "all open at first"
