"""What a bet and a decision must be, and why one is refused."""

from datetime import datetime
from enum import StrEnum

from core.clock import iso_time, short_time
from core.errors import NoSuchThing, Refused
from core.money import Money
from core.text import _


class Side(StrEnum):
    """What a bet can be on."""

    YES = "yes"
    NO = "no"

    @property
    def other(self) -> "Side":
        """The side that pays when this one wins."""
        return Side.NO if self is Side.YES else Side.YES


class Outcome(StrEnum):
    """How a question can end; void gives every stake back."""

    YES = "yes"
    NO = "no"
    VOID = "void"


class PayoutRule(StrEnum):
    """How winners share the pool: by stake, or the same to each winning player."""

    PRO_RATA = "pro_rata"
    EQUAL = "equal"


class MarketStatus(StrEnum):
    """Where a market stands on its way from draft to settled or voided."""

    DRAFT = "draft"
    OPEN = "open"
    SUSPENDED = "suspended"
    CLOSED = "closed"
    PROPOSED = "proposed"
    SETTLING = "settling"
    SETTLED = "settled"
    VOIDING = "voiding"
    VOIDED = "voided"


class Ruling(StrEnum):
    """What a third admin says to the disputes of a proposed result."""

    DISMISSED = "dismissed"
    UPHELD = "upheld"


BEFORE_CLOSING = (MarketStatus.OPEN, MarketStatus.SUSPENDED)
OVER = (MarketStatus.SETTLED, MarketStatus.VOIDED)


class InvalidSide(Refused):
    """Neither YES nor NO."""

    def __init__(self) -> None:
        super().__init__(_("Choose YES or NO."))


class InvalidOutcome(Refused):
    """Neither yes, no nor void."""

    def __init__(self) -> None:
        super().__init__(_("The outcome is yes, no or void."))


class StakeOutOfRange(Refused):
    """Smaller or larger than any bet may be."""

    def __init__(self, smallest: Money, largest: Money) -> None:
        super().__init__(
            _(
                "Bet from {smallest} to {largest}. No money was taken.",
                smallest=smallest,
                largest=largest,
            )
        )
        self.smallest, self.largest = smallest, largest


class StakeAboveOwnLimit(Refused):
    """Larger than the limit the player has set."""

    def __init__(self, limit: Money) -> None:
        super().__init__(
            _("Your own limit is {limit} a bet. No money was taken.", limit=limit),
        )
        self.limit = limit


class NoSuchMarket(NoSuchThing):
    """No market has the number that was typed."""

    def __init__(self, market_id: int) -> None:
        super().__init__(f"market {market_id}")
        self.text = _("There is no market {number}.", number=market_id)


class MarketClosed(Refused):
    """The market takes no bets now."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _("Market {market_id} takes no bets now. No money was taken.", market_id=market_id)
        )


class MarketPaused(Refused):
    """Staff look into something; the bets that are placed stand."""

    def __init__(self) -> None:
        super().__init__(_("That market is paused for now. No money was taken."))


class RunsTheMarket(Refused):
    """Who made or approved a market may not bet in it."""

    def __init__(self) -> None:
        super().__init__(_("You run this market, so you cannot bet in it. No money was taken."))


class ResultDisputed(Refused):
    """Somebody who bet says that the proposed result is wrong."""

    def __init__(self) -> None:
        super().__init__(_("The result is disputed: a third admin must rule first."))


class NothingDisputed(Refused):
    """No dispute of the proposed result waits for a ruling."""

    def __init__(self, market_id: int) -> None:
        super().__init__(_("No dispute of market {market_id} is open.", market_id=market_id))


class NotDisputable(Refused):
    """No result is proposed, or the time to dispute it is over."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _("Market {market_id} has no result that can be disputed now.", market_id=market_id)
        )


class DisputeDismissed(Refused):
    """A third admin has ruled on this player's dispute of the same proposal."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _(
                "A third person has ruled on your dispute of market {market_id}: the result stays."
                " A proposed result can be disputed once.",
                market_id=market_id,
            )
        )


class NoBetInMarket(Refused):
    """Only who has a stake in the answer may dispute it."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _(
                "You have no bet in market {market_id}, so you cannot dispute it.",
                market_id=market_id,
            )
        )


class WrongState(Refused):
    """The market does not stand where this act needs it."""

    def __init__(self, market_id: int, status: MarketStatus) -> None:
        super().__init__(
            _("Market {market_id} is {status}.", market_id=market_id, status=status.value)
        )


class NotResolved(Refused):
    """There is no plan of who gets what yet."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _("Market {market_id} is not resolved: nothing is to be paid yet.", market_id=market_id)
        )


class DraftChanged(Refused):
    """Somebody edited the draft after it was looked at."""

    def __init__(self) -> None:
        super().__init__(
            _("Somebody has changed this draft since you opened it. Open it anew, and read it.")
        )


class StillOpen(Refused):
    """A result cannot be known while bets are taken."""

    def __init__(self, closes_at: datetime) -> None:
        super().__init__(
            _(
                "The market takes bets until {time}: close it first, or propose void.",
                time=short_time(closes_at),
            )
        )


class BetInMarket(Refused):
    """Whoever decides on a market may not have a bet in it."""

    def __init__(self, email: str) -> None:
        super().__init__(
            _("{email} has a bet in this market. Only a void by others can end it.", email=email)
        )


class InChallengeWindow(Refused):
    """The result may still be disputed."""

    def __init__(self, ends_at: datetime) -> None:
        super().__init__(
            _(
                "The result may be disputed until {time}.",
                time=iso_time(ends_at),
            )
        )
        self.ends_at = ends_at


class ResultIsFinal(Refused):
    """A result may be corrected for a while only."""

    def __init__(self, market_id: int, final_at: datetime) -> None:
        super().__init__(
            _(
                "The result of market {market_id} is final since {time}.",
                market_id=market_id,
                time=iso_time(final_at),
            )
        )
        self.final_at = final_at


class CorrectionOver(Refused):
    """A correction must be resolved while it is fresh; the result in force stays."""

    def __init__(self, market_id: int, ended_at: datetime) -> None:
        super().__init__(
            _(
                "The correction of market {market_id} ended at {time}: the result in force stays.",
                market_id=market_id,
                time=iso_time(ended_at),
            )
        )


class NothingToCorrect(Refused):
    """The result in force is this one already."""

    def __init__(self, market_id: int) -> None:
        super().__init__(_("Market {market_id} has that result already.", market_id=market_id))


def parse_side(raw: str) -> Side:
    """YES or NO in any letter case. Raises InvalidSide."""
    try:
        return Side(raw.strip().lower())
    except ValueError:
        raise InvalidSide from None


def parse_outcome(raw: str) -> Outcome:
    """Yes, no or void in any letter case. Raises InvalidOutcome."""
    try:
        return Outcome(raw.strip().lower())
    except ValueError:
        raise InvalidOutcome from None


def ensure_stake(stake: Money, *, smallest: Money, largest: Money) -> None:
    """Raise StakeOutOfRange unless the stake is whole shillings within the limits."""
    if stake != stake.whole_shillings or not smallest <= stake <= largest:
        raise StakeOutOfRange(smallest, largest)
