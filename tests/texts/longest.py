"""The longest data that the rules let in, and a world made of it."""

from dataclasses import dataclass
from itertools import cycle
from string import ascii_uppercase
from typing import Final

from annotated_types import Le
from sqlalchemy import select

from core.database import in_transaction
from core.gsm7 import septets
from core.ledger.records import transfer
from core.ledger.transfer import Key
from core.markets.market import get_market
from core.markets.place_bet import place_bet
from core.markets.records import market
from core.markets.rules import PayoutRule, Side
from core.markets.terms import CATEGORY_SEPTETS, LABEL_SEPTETS, QUESTION_SEPTETS
from core.money import Money, kes
from core.players.account import take_break
from core.players.limits import LimitKind, set_limit
from core.players.records import Player
from core.players.rules import NAME_MAX_LENGTH
from core.settings import Settings
from tests.core.markets.bookmaker import Bookmaker
from tests.world import World
from ussd.screens.betting import MOST_IN_ONE_LIST
from ussd.screens.limits import BREAKS_DAYS


def filled(words: str, size: int) -> str:
    """The words, again and again, in exactly so many septets."""
    text = ""
    for character in cycle(words):
        if septets(text + character) > size:
            break
        text += character
    text = text.rstrip()
    return text + "W" * (size - septets(text))


# Braces take two septets each, and must not be read as placeholders.
QUESTION: Final = filled("Will {Gor Mahia} beat AFC Leopards by two goals on Sunday, ", QUESTION_SEPTETS)
LABEL: Final = filled("{Gor Mahia} wins ", LABEL_SEPTETS)
NAME: Final = filled("Wanjiru Nyambura ", NAME_MAX_LENGTH)
CATEGORIES: Final = [filled(f"{letter} {{news}} ", CATEGORY_SEPTETS) for letter in ascii_uppercase]
WEALTH: Final = Money(99_999_999_999)
LARGEST: Final = next(
    rule.le for rule in Settings.model_fields["stake_max_kes"].metadata if isinstance(rule, Le)
)
assert isinstance(LARGEST, int)
STAKE: Final = kes(LARGEST)
LONGEST_SETTINGS: Final = {
    "stake_min_kes": LARGEST,
    "stake_max_kes": LARGEST,
    "deposit_min_kes": LARGEST,
    "deposit_max_kes": LARGEST,
    "platform_fee_bps": 1234,
    "at_shortcode": "2030020300",
}
RICH, FRESH, RESTING, UNPROVEN, RIVAL = (f"+25471111111{digit}" for digit in range(5))


@dataclass(frozen=True)
class LongestWorld:
    """Players of every standing, with bets and movements of every kind."""

    world: World

    def has_players(self) -> None:
        self.world.has_player(RICH, name=NAME, balance=kes(100_000_000))
        self.world.has_player(FRESH, name=NAME)
        self.world.has_player(UNPROVEN, name=NAME, verified=False)
        self.world.has_player(RIVAL, name=NAME, balance=kes(9_999_999_999))
        resting = self.world.has_player(RESTING, name=NAME)
        rich = self.world.player(RICH)
        with self.world.database.begin() as connection:
            length = timedelta(days=max(BREAKS_DAYS))
            take_break(connection, player_id=resting.id, length=length)
            for kind in LimitKind:
                set_limit(connection, player_id=rich.id, kind=kind, amount=kes(999_999_999))

    def has_a_bet_of_every_fate(self) -> None:
        bookmaker = Bookmaker(self.world)
        for outcome in ("yes", "no", "void"):
            self.world.settles(self._with_bets(Side.NO), outcome)
        bookmaker.closes(self._with_bets(Side.NO))
        for side in Side:
            for rule in PayoutRule:
                self._with_bets(side, rule)
        self.world.gives(RICH, WEALTH - self.world.wallet(RICH))

    def has_more_markets_than_one_list_shows(self) -> None:
        for category in CATEGORIES[: MOST_IN_ONE_LIST + 1]:
            self.world.has_market(QUESTION, label=LABEL, category=category)
