"""People who can be shown every page, with whatever its link may carry."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import product
from typing import Any, Final

from sqlalchemy import select

from core.ledger.statement import read_statement
from core.markets.my_bets import my_bets
from core.markets.records import market
from core.money import Money, kes
from core.notices.records import NOT_DELIVERED, sms_out
from core.switches.rules import Switch
from core.text import Language
from tests.texts.longest import CATEGORIES, DEAREST, NAME, STAKE, WEALTH
from tests.world import World
from ussd.pages import CONTINUED, STEPS, Link, Page, Screen, Way
from ussd.screens import account, bets, home, limits, missed
from ussd.visit import Services, Visit

NEWCOMER: Final = "+254722222222"
HOME: Final = home.main.at()
Kind = Callable[[Any], Any]

# What a link may carry, by the name and else by the type of the screen's parameter.
BY_KIND: Final[dict[Kind, Sequence[object]]] = {
    Link.from_json: [HOME],
    Way.from_json: [Way()],
    Money: [STAKE],
}
BY_NAME: Final[dict[str, Sequence[object]]] = {
    # Excise on the second leaves cents.
    "amount": [STAKE, STAKE - kes(1)],
    "balance": [WEALTH],
    "category": CATEGORIES[:1],
    "days": limits.BREAKS_DAYS,
    "fee": [DEAREST.fee],
    "first": ["0" * 64],
    "left": [1, missed.MOST_IN_A_ROW],
    "full_name": [NAME],
    "shortfall": [STAKE - Money(1)],
    "tax": [DEAREST.tax],
}


@dataclass(frozen=True)
class Caller:
    """Draws pages as one person would see them."""

    services: Services
    phone: str
    language: Language
    player_id: int | None

    def draws(self, screen: Screen[...], values: tuple[object, ...]) -> Page:
        visit = Visit(
            services=self.services,
            session_id="ATUid_pages",
            position=0,
            phone=self.phone,
            language=self.language,
            player_id=self.player_id,
            proven=True,
            stopped=frozenset(Switch),
        )
        try:
            return screen.run(visit, *values)
        finally:
            visit.close()

    def arguments(self, screen: Screen[...]) -> Iterator[tuple[object, ...]]:
        """Every combination of what the screen's links can carry for this caller."""
        return product(*(self._values(name, kind) for name, kind in screen.parameters.items()))

    def _values(self, name: str, kind: Kind) -> Sequence[object]:
        if isinstance(kind, type) and issubclass(kind, Enum):
            return list(kind)
        known = {
            "market_id": self._market_ids,
            "reference": self._references,
            "sms_id": self._sms_ids,
            "then": self._continued,
            "transfer_id": self._transfer_ids,
        }
        if name in known:
            return known[name]()
        values = BY_NAME.get(name) or BY_KIND.get(kind)
        assert values, f"a screen takes {name!r}: say what is the longest, in BY_NAME"
        return values

    def _continued(self) -> Sequence[Link]:
        """Every page that a caller who was cut off may go on with, the longest of each."""
        steps = [STEPS[name] for name in CONTINUED]
        return [
            Link(step.name, values)
            for step in steps
            if isinstance(step, Screen)
            for values in self.arguments(step)
        ]

    def _market_ids(self) -> Sequence[int]:
        with self.services.readers.connect() as reading:
            return list(reading.execute(select(market.c.id)).scalars())

    def _references(self) -> Sequence[str]:
        if self.player_id is None:
            return []
        with self.services.readers.connect() as reading:
            mine = my_bets(reading, player_id=self.player_id, limit=bets.MOST_SHOWN)
        return [bet.reference for bet in mine]

    def _sms_ids(self) -> Sequence[int]:
        mine = select(sms_out.c.id).where(sms_out.c.player_id == self.player_id)
        with self.services.readers.connect() as reading:
            return list(
                reading.execute(
                    mine.where(sms_out.c.shown_at.is_(None), sms_out.c.status.in_(NOT_DELIVERED))
                ).scalars()
            )

    def _transfer_ids(self) -> Sequence[int]:
        if self.player_id is None:
            return []
        with self.services.readers.connect() as reading:
            lines = read_statement(reading, player_id=self.player_id, limit=account.MOST_SHOWN)
        return [line.transfer_id for line in lines]


def services_of(world: World) -> Services:
    return Services(world.database, world.settings)


def caller_of(world: World, phone: str, language: Language) -> Caller:
    player_id = None if phone == NEWCOMER else world.player(phone).id
    return Caller(services_of(world), phone, language, player_id)
