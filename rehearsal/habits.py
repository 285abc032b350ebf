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
    rng = player.rng
    soon = at + timedelta(seconds=rng.randint(1, 200))
    match rng.choices(*_WEIGHTS)[0]:
        case "deposit":
            yield Planned(at, player.deposits)
        case "impatient":
            yield Planned(at, player.deposits)
            yield Planned(soon, player.deposits)
        case "paybill":
            yield Planned(at, player.pays_the_paybill)
        case "bet":
            yield Planned(at, player.bets)
        case "withdraw":
            yield Planned(at, player.withdraws)
        case "both":
            yield Planned(at, player.withdraws_and_bets)
        case "new SIM":
            yield Planned(at, player.withdraws_with_a_new_sim)
        case "full":
            yield Planned(at, player.withdraws_into_a_full_wallet)
            yield Planned(at + timedelta(hours=1), player.spends_elsewhere)
        case "PIN":
            yield Planned(at, player.forgets_the_pin)
            yield Planned(at + timedelta(seconds=90), player.chooses_a_new_pin)
            yield Planned(soon + timedelta(minutes=5), player.withdraws)
        case "break":
            yield Planned(at, player.takes_a_break)
        case _:
            yield Planned(at, player.writes)


_HABITS = {
    "deposit": 20,
    "impatient": 8,
    "paybill": 17,
    "bet": 16,
    "withdraw": 20,
    "both": 5,
    "new SIM": 3,
    "full": 3,
    "PIN": 2,
    "break": 1,
    "SMS": 5,
}
_WEIGHTS = (list(_HABITS), list(_HABITS.values()))
