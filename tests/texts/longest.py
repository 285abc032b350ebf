"""The longest data that the rules let in, and a world made of it."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import count, cycle, product
from string import ascii_uppercase
from typing import Final

from annotated_types import Le

from core.config.rules import Dated
from core.database import in_transaction
from core.gsm7 import septets
from core.ledger.transfer import Key
from core.markets.place_bet import Bet, place_bet
from core.markets.rules import Outcome, PayoutRule, Side
from core.markets.terms import CATEGORY_SEPTETS, LABEL_SEPTETS, QUESTION_SEPTETS
from core.money import Money, kes
from core.notices.records import sms_out
from core.players.account import take_break
from core.players.limits import LimitKind, set_limit
from core.players.rules import NAME_MAX_LENGTH
from core.settings import Settings
from core.withdrawals.rules import price_of
from tests.core.markets.bookmaker import Bookmaker
from tests.core.markets.life import disputes, suspends
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


SEGMENT_SEPTETS: Final = 160
# Braces take two septets each, and must not be read as placeholders.
QUESTION: Final = filled("Will {Gor Mahia} beat AFC Leopards on Sunday, ", QUESTION_SEPTETS)
LABEL: Final = filled("{Gor Mahia} wins ", LABEL_SEPTETS)
NAME: Final = filled("Wanjiru Nyambura ", NAME_MAX_LENGTH)
CATEGORIES: Final = [filled(f"{letter} {{news}} ", CATEGORY_SEPTETS) for letter in ascii_uppercase]
WEALTH: Final = Money(99_999_999_999)
STAKE_RULES = Settings.model_fields["stake_max_kes"].metadata
# The operator may set the limits of a stake as high as this, so `250,000 to 250,000` is longest.
LARGEST = next(rule.le for rule in STAKE_RULES if isinstance(rule, Le))
assert isinstance(LARGEST, int)
STAKE: Final = kes(LARGEST)
RIVAL_STAKE: Final = kes(900_000_000)
LONGEST_SETTINGS: Final = {
    "stake_min_kes": LARGEST,
    "stake_max_kes": LARGEST,
    "deposit_min_kes": LARGEST,
    "deposit_max_kes": LARGEST,
    "withdrawal_min_kes": LARGEST,
    "withdrawal_max_kes": LARGEST,
    "platform_fee_bps": 1234,
    "at_shortcode": "2030020300",
    "licence_number": "W" * 24,
    "helpline": "W" * 24,
}
# What a withdrawal costs at most, as far as pages go: 5 + 6 digits.
WITHDRAWING: Final = {Dated.WITHDRAWAL_FEE_KES: 9_999, Dated.WITHHOLDING_BPS: 5_000}
# A rate with as many digits as one can have.
EXCISE_BPS: Final = 1_234
DEAREST: Final = price_of(STAKE, fee=kes(9_999), withholding_bps=5_000)
RICH, FRESH, RESTING, UNPROVEN, RIVAL = (f"+25471111111{digit}" for digit in range(5))
_keys = count()


@dataclass(frozen=True)
class LongestWorld:
    """Players of every standing, with bets and movements of every kind."""

    world: World

    def has_players(self) -> None:
        self._has_dear_withdrawals()
        self.world.has_player(RICH, name=NAME, balance=kes(100_000_000))
        self._missed_receipts(RICH)
        self.world.has_player(FRESH, name=NAME)
        self.world.has_player(UNPROVEN, name=NAME, verified=False)
        self.world.has_player(RIVAL, name=NAME, balance=kes(19_999_999_999))
        resting = self.world.has_player(RESTING, name=NAME)
        rich = self.world.player(RICH)
        with self.world.database.begin() as connection:
            length = timedelta(days=max(BREAKS_DAYS))
            take_break(connection, player_id=resting.id, length=length)
            for kind in LimitKind:
                set_limit(connection, player_id=rich.id, kind=kind, amount=kes(999_999_999))
            # Another's own limit of bets by SMS is a raise, which waits.
            fresh, raised = self.world.player(FRESH).id, kes(999_999_999)
            set_limit(
                connection,
                player_id=fresh,
                kind=LimitKind.SMS_STAKE,
                amount=raised,
                unset=kes(1_000),
            )

    def has_a_bet_of_every_fate(self) -> None:
        # So that the pages of a deposit are drawn without excise before, and with it from now on.
        self.world.always_had(Dated.EXCISE_BPS, EXCISE_BPS)
        bookmaker = Bookmaker(self.world)
        for outcome in ("yes", "no", "void"):
            self.world.settles(self._with_bets(Side.NO), outcome)
        bookmaker.closes(self._with_bets(Side.NO))
        suspends(self.world, self._with_bets(Side.NO))
        market_id = self._with_a_rival(Side.NO, PayoutRule.PRO_RATA)
        bookmaker.cancels(RICH, self._bets(RICH, market_id, Side.YES, STAKE).reference)
        for disputed in (False, True):
            market_id = self._with_bets(Side.NO)
            bookmaker.proposes(market_id, Outcome.VOID, window=timedelta(days=1))
            if disputed:
                disputes(self.world, market_id, RICH)
        for against, rule in product(Side, PayoutRule):
            self._with_bets(against, rule)
            self._with_a_rival(against, rule)
        self.world.gives(RICH, WEALTH - self.world.wallet(RICH))

    def has_more_markets_than_one_list_shows(self) -> None:
        for category in CATEGORIES[: MOST_IN_ONE_LIST + 1]:
            self.world.has_market(QUESTION, label=LABEL, category=category)

    def _missed_receipts(self, phone: str) -> None:
        player_id = self.world.player(phone).id
        body = filled("Bet placed: {KES 999,999,999.99} on YES. ", SEGMENT_SEPTETS)
        row = {"player_id": player_id, "phone": phone, "kind": "bet_placed", "body": body}
        with self.world.database.begin() as connection:
            lost = [{**row, "status": status} for status in ("undelivered", "unknown")]
            connection.execute(sms_out.insert(), lost)

    @property
    def _beyond_every_limit(self) -> Settings:
        shillings = {"stake_min_kes": 1, "stake_max_kes": RIVAL_STAKE.shillings}
        return self.world.settings.model_copy(update=shillings)

    def _has_dear_withdrawals(self) -> None:
        for name, value in WITHDRAWING.items():
            self.world.always_had(name, value)

    def _with_bets(self, against: Side, rule: PayoutRule = PayoutRule.PRO_RATA) -> int:
        """A market in which nearly all the money is on one side, and the player's on the other."""
        market_id = self._with_a_rival(against, rule)
        self._bets(RICH, market_id, against.other, STAKE)
        return market_id

    def _with_a_rival(self, against: Side, rule: PayoutRule) -> int:
        """A market in which whoever bets first on the other side would be paid nine digits."""
        market_id = self.world.has_market(
            QUESTION, label=LABEL, category=CATEGORIES[0], payout_rule=rule
        )
        self._bets(RIVAL, market_id, against, RIVAL_STAKE)
        return market_id

    def _bets(self, phone: str, market_id: int, side: Side, stake: Money) -> Bet:
        player_id = self.world.player(phone).id
        return in_transaction(
            self.world.database,
            lambda c: place_bet(
                c,
                player_id=player_id,
                market_id=market_id,
                side=side,
                stake=stake,
                key=Key("longest", str(next(_keys))),
                settings=self._beyond_every_limit,
            ),
        )
