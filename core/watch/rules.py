"""Which money stops where an invariant breaks, and how often each is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from math import sqrt
from typing import Final, assert_never

from core.ledger.groups import Group
from core.switches.rules import Switch

EACH: Final = timedelta(minutes=1)
SECOND_LOOK: Final = timedelta(seconds=2)
# Of one core, over all invariants and for good.
MOST_LOAD: Final = 0.1
# A look is late that is overdue for so long, and then nobody may call its invariant green.
LATE_AFTER: Final = timedelta(minutes=5)
FAILURES_BEFORE_ALARM: Final = 2

_EVERYTHING: Final = frozenset(Switch)
_IN_AND_OUT: Final = frozenset({Switch.DEPOSITS, Switch.WITHDRAWALS})


def stopped_by(group: Group) -> frozenset[Switch]:
    """What could make the damage greater, or carry away money that should not be there."""
    match group:
        case Group.TRANSFERS | Group.WALLETS | Group.SEAL:
            return _EVERYTHING
        case Group.DEPOSITS | Group.PAYBILL | Group.RECEIPTS | Group.TAXES:
            return _IN_AND_OUT
        case Group.UNKNOWN_IN:
            return frozenset({Switch.DEPOSITS})
        case Group.WITHDRAWALS:
            return frozenset({Switch.WITHDRAWALS})
        case Group.BETS:
            return frozenset({Switch.BETS, Switch.SETTLEMENTS})
        case Group.SETTLEMENTS:
            return frozenset({Switch.SETTLEMENTS, Switch.WITHDRAWALS})
        case _:
            assert_never(group)


class Lane(StrEnum):
    """A look that takes long must not keep the others waiting: it has a lane of its own."""

    QUICK = "quick"
    SLOW = "slow"


@dataclass(frozen=True)
class Pace:
    """How long a look may take; one that outlasts `quick_seconds` goes on in the slow lane."""

    quick_seconds: float = 2.0
    slow_seconds: float = 600.0
    # No further look is begun in one snapshot after this long: a snapshot keeps old rows alive.
    run_seconds: float = 10.0

    def lane_of(self, seconds: float) -> Lane:
        """Where an invariant belongs whose last look took so long."""
        return Lane.SLOW if seconds >= self.quick_seconds else Lane.QUICK

    def limit_seconds(self, lane: Lane) -> float:
        """When a look in this lane is broken off."""
        return self.slow_seconds if lane is Lane.SLOW else self.quick_seconds


def time_until_next(seconds: float, *, every: Iterable[float]) -> timedelta:
    """How long an invariant rests whose look took `seconds`, where all looks took `every`.

    A rest grows with the root of the cost. So all of them together take MOST_LOAD of a core at
    most, since sum(cost / rest) is at most that, and the rests are as short on average as that
    allows.
    """
    roots = sum(sqrt(each) for each in every)
    return max(EACH, timedelta(seconds=sqrt(seconds) * roots / MOST_LOAD))
