"""What a price is, which step of it is worth an SMS, and who may watch."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from core.errors import Refused
from core.markets.pricing import Pool
from core.money import kes, percent
from core.text import _

STEPS: Final = 5
# In points of a hundred: an edge that was just crossed must be left so far behind to count again.
MARGIN: Final = 2
MOVES_A_DAY: Final = 3
MOST_WATCHED: Final = 10
# Below it a single bet moves the price by half.
SMALLEST_POOL: Final = kes(1_000)
EACH: Final = timedelta(seconds=30)
WATCHERS_A_CHUNK: Final = 1_000


@dataclass(frozen=True)
class Price:
    """The share of YES in a pool that has both sides, which is what players think of it."""

    yes_cents: int
    total_cents: int

    def __str__(self) -> str:
        return percent(100 * (100 * self.yes_cents // self.total_cents))

    @property
    def step(self) -> int:
        """0 below 20 %, 4 from 80 % on."""
        return min(STEPS * self.yes_cents // self.total_cents, STEPS - 1)

    @property
    def near_edge(self) -> int:
        """The edge between two steps that lies within the margin; 0 where none does."""
        points = 100 // STEPS
        for edge in range(1, STEPS):
            off = 100 * self.yes_cents - points * edge * self.total_cents
            if abs(off) < MARGIN * self.total_cents:
                return edge
        return 0


def price_of(pool: Pool) -> Price | None:
    """The price, or None while one side is empty or the pool too small to mean anything."""
    if not pool.yes or not pool.no or pool.total < SMALLEST_POOL:
        return None
    return Price(pool.yes.cents, pool.total.cents)


class NothingToWatch(Refused):
    """The market takes no bets any more."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _("Market {market_id} is closed: its price moves no more.", market_id=market_id)
        )


class NewsStopped(Refused):
    """What a watcher is told is news, and the player wants none."""

    def __init__(self, market_id: int) -> None:
        super().__init__(
            _(
                "You have stopped news. Send START, then WATCH {market_id}.",
                market_id=market_id,
            )
        )


class TooManyWatched(Refused):
    """The player watches as many markets as anybody may."""

    def __init__(self) -> None:
        super().__init__(
            _("You watch {most} markets already. Send UNWATCH 112 to end one.", most=MOST_WATCHED)
        )
