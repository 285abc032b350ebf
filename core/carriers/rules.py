"""When the SMS go by another provider: after so many failures, and not to and fro."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

# Lately: what is judged of whoever carries. Shorter, and a bad minute of one network decides.
WINDOW: Final = timedelta(minutes=5)
# So many outcomes make a share of failures mean something; or so many failures one after another,
# which a share of a quarter brings about once in 4,000 messages.
LEAST_OUTCOMES: Final = 20
FAILURES_IN_A_ROW: Final = 6
LEAVE_PERCENT: Final = 30

# A report that takes longer is slow. Phones that are off are slow too, by every provider: only
# where half are, and far fewer by the other, is it the provider.
SLOW_AFTER: Final = timedelta(minutes=2)
LATENCY_WINDOW: Final = timedelta(minutes=10)
SLOW_PERCENT: Final = 50
LEAST_JUDGED_ELSEWHERE: Final = 5
# Where none came for so long, reports are not set up, and none is late.
REPORTS_WITHIN: Final = timedelta(hours=2)

# The way back: at least so long away, so many messages in a row, none refused and few of them slow.
SHORTEST_STAY: Final = timedelta(minutes=10)
LONGEST_STAY: Final = timedelta(minutes=60)
PROBES: Final = 10
PROBE_WINDOW: Final = timedelta(minutes=15)
PROBE_SLOW_PERCENT: Final = 20
# One message at a time tries the first provider; seldom while it fails, for each may be lost.
PROBE_EVERY: Final = timedelta(seconds=30)
PROBE_EVERY_IN_TROUBLE: Final = timedelta(minutes=2)
TROUBLE: Final = timedelta(minutes=5)

# Whoever refused so many in a row and then takes one is well again.
REFUSED_IN_A_ROW: Final = 3
HURRY_EVERY: Final = timedelta(minutes=1)

# What a report may say that is no fault of the number: ours with the provider, or its own.
# Infobip's status names ("Response status and error codes"), Africa's Talking's failureReason.
PROVIDER_AT_FAULT: Final = (
    "REJECTED_NOT_ENOUGH_CREDITS",
    "REJECTED_PREPAID_PACKAGE_EXPIRED",
    "REJECTED_ROUTE_NOT_AVAILABLE",
    "REJECTED_SENDER",
    "REJECTED_SOURCE",
    "REJECTED_SYSTEM_ERROR",
    "InsufficientCredit",
    "UserAccountSuspended",
)


class Carrier(StrEnum):
    """The providers, in the order in which they are preferred."""

    AFRICAS_TALKING = "africas_talking"
    INFOBIP = "infobip"

    @property
    def known_as(self) -> str:
        """The name that people know."""
        return _TITLES[self]

    @property
    def other(self) -> "Carrier":
        """Who takes over."""
        return Carrier.INFOBIP if self is FIRST else FIRST


FIRST: Final = Carrier.AFRICAS_TALKING
_TITLES: Final = {
    Carrier.AFRICAS_TALKING: "Africa's Talking",
    Carrier.INFOBIP: "Infobip",
}


@dataclass(frozen=True)
class Tally:
    """What happened with one provider lately.

    `judged` are those old enough to have a report, `in_a_row` the failures since it took one.
    """

    accepted: int = 0
    failures: int = 0
    judged: int = 0
    slow: int = 0
    in_a_row: int = 0

    @property
    def outcomes(self) -> int:
        """Everything it was asked for."""
        return self.accepted + self.failures


@dataclass(frozen=True)
class Standing:
    """Who carries, for how long already, and how long it must before the way back is looked at."""

    carrier: Carrier
    stayed: timedelta
    stay: timedelta
    forced: bool = False


def why_to_move(standing: Standing, *, here: Tally, there: Tally) -> str | None:
    """The reason for which the other provider should carry from now on, or None.

    `here` is whoever carries, lately; `there` the other, over its probes. What a person has
    decided stays.
    """
    if standing.forced:
        return None
    title = standing.carrier.known_as
    if _fails(here) and _percent(there.failures, there.outcomes) * 2 < _percent(
        here.failures, here.outcomes
    ):
        return f"{here.failures} of {here.outcomes} failed at {title}."
    if _is_slow(here) and not _is_slow_elsewhere(there, than=here):
        return f"{here.slow} of {here.judged} reports of {title} are late."
    if standing.carrier is not FIRST and standing.stayed >= standing.stay and _is_well(there):
        return f"{FIRST.known_as} took {there.accepted} in a row."
    return None


def next_stay(standing: Standing) -> timedelta:
    """How long whoever takes over now stays at least: longer each time it comes again soon."""
    again = standing.carrier is FIRST and standing.stayed < LONGEST_STAY
    return min(LONGEST_STAY, standing.stay * 2) if again else SHORTEST_STAY


def _fails(tally: Tally) -> bool:
    share = _percent(tally.failures, tally.outcomes)
    return tally.in_a_row >= FAILURES_IN_A_ROW or (
        tally.outcomes >= LEAST_OUTCOMES and share >= LEAVE_PERCENT
    )


def _is_slow(tally: Tally) -> bool:
    share = _percent(tally.slow, tally.judged)
    return tally.judged >= LEAST_OUTCOMES and share >= SLOW_PERCENT


def _is_slow_elsewhere(there: Tally, *, than: Tally) -> bool:
    measured = there.judged >= LEAST_JUDGED_ELSEWHERE
    return measured and _percent(there.slow, there.judged) * 2 >= _percent(than.slow, than.judged)


def _is_well(tally: Tally) -> bool:
    enough = tally.accepted >= PROBES and tally.failures == 0
    return enough and _percent(tally.slow, tally.judged) <= PROBE_SLOW_PERCENT


def _percent(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0
