"""When who does what: a player's day, drawn from the seed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from rehearsal.player import Player

ACTS_A_DAY = 9
_AWAKE_FROM = timedelta(hours=6)
_AWAKE_FOR_SECONDS = 18 * 3600


@dataclass(frozen=True)
class Planned:
    """Something that will be done at a moment."""

    at: datetime
    act: Callable[[], None]


def day_of(player: Player, midnight: datetime) -> Iterator[Planned]:
    """What a player does on the day that begins at midnight."""
    rng = player.rng
    yield Planned(midnight + _AWAKE_FROM, player.deposits)
    for _ in range(ACTS_A_DAY - 1):
        seconds = rng.randrange(_AWAKE_FOR_SECONDS)
        at = midnight + _AWAKE_FROM + timedelta(seconds=seconds)
        yield from _something(player, at)


def _something(player: Player, at: datetime) -> Iterator[Planned]:
    soon = at + timedelta(seconds=player.rng.randint(1, 200))
    later = at + timedelta(minutes=6)
    plans: dict[str, tuple[tuple[datetime, Callable[[], None]], ...]] = {
        "deposit": ((at, player.deposits),),
        "impatient": ((at, player.deposits), (soon, player.deposits)),
        "paybill": ((at, player.pays_the_paybill),),
        "bet": ((at, player.bets),),
        "bet by SMS": ((at, player.bets_by_sms),),
        "take back": ((at, player.takes_a_bet_back),),
        "withdraw": ((at, player.withdraws),),
        "both": ((at, player.withdraws_and_bets),),
        "new SIM": ((at, player.withdraws_with_a_new_sim),),
        "full": (
            (at, player.withdraws_into_a_full_wallet),
            (at + timedelta(hours=1), player.spends_elsewhere),
        ),
        "PIN": (
            (at, player.forgets_the_pin),
            (at + timedelta(seconds=90), player.chooses_a_new_pin),
            (later, player.withdraws),
        ),
        "break": ((at, player.takes_a_break),),
        "SMS": ((at, player.writes),),
    }
    for moment, act in plans[player.rng.choices(*_WEIGHTS)[0]]:
        yield Planned(moment, act)


_HABITS = {
    "deposit": 20,
    "impatient": 8,
    "paybill": 17,
    "bet": 10,
    "bet by SMS": 3,
    "take back": 3,
    "withdraw": 20,
    "both": 5,
    "new SIM": 3,
    "full": 3,
    "PIN": 2,
    "break": 1,
    "SMS": 5,
}
_WEIGHTS = (list(_HABITS), list(_HABITS.values()))
