"""What a deposit may be, when one is refused, and when a provider's answer counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.errors import Refused
from core.money import Money
from core.text import _


class DepositState(StrEnum):
    """Where a deposit stands. Only SUCCEEDED has moved money, once; REVERSED alone follows it."""

    CREATED = "created"
    SUBMITTING = "submitting"
    PENDING = "pending"
    REJECTED = "rejected"
    SUBMIT_UNKNOWN = "submit_unknown"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNRESOLVED = "unresolved"
    REVERSED = "reversed"


# Safaricom publishes no prompt life; 60 to 90 s are reported (daraja.md §7).
PROMPT_LIFE: Final = timedelta(seconds=90)
# Result code 17: same amount, same customer, within two minutes (daraja.md §3, official).
SAME_AMOUNT_PAUSE: Final = timedelta(seconds=120)
# A prompt that appears long after the player asked is a surprise, so it is not sent any more.
PUSH_IN_TIME: Final = timedelta(minutes=10)

# When a push is asked about (daraja.md §8.1); the last look decides that nobody knows.
QUERY_AFTER: Final = (
    timedelta(seconds=30),
    timedelta(seconds=75),
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
LAST_LOOK: Final = len(QUERY_AFTER) - 1
# A failed deposit is looked at twice more: a late success is still a success.
LOOKS_AFTER_FAILURE: Final = (QUERY_AFTER.index(timedelta(minutes=5)), LAST_LOOK)
# "0" while the prompt may still be open was seen before any approval (daraja.md §4).
ZERO_COUNTS_AFTER: Final = timedelta(seconds=75)
ZERO_SEEN_TWICE_APART: Final = timedelta(seconds=10)

CREDITABLE: Final = frozenset(
    {
        DepositState.SUBMITTING,
        DepositState.SUBMIT_UNKNOWN,
        DepositState.PENDING,
        DepositState.FAILED,
        DepositState.UNRESOLVED,
    }
)
# A failure heard before the push's own answer proves that the push had arrived.
FAILABLE: Final = frozenset(
    {DepositState.SUBMITTING, DepositState.SUBMIT_UNKNOWN, DepositState.PENDING}
)
# What may still become money without anybody's doing; a person decides on the last.
ON_ITS_WAY: Final = frozenset(
    {
        DepositState.CREATED,
        DepositState.SUBMITTING,
        DepositState.SUBMIT_UNKNOWN,
        DepositState.PENDING,
        DepositState.UNRESOLVED,
    }
)
_WAITS_FOR_PUSH: Final = frozenset({DepositState.CREATED, DepositState.SUBMITTING})
_MAY_SHOW_A_PROMPT: Final = frozenset({DepositState.PENDING, DepositState.SUBMIT_UNKNOWN})
# What the player's own daily limit counts: what was paid, and what may still be.
COUNTS_TODAY: Final = _WAITS_FOR_PUSH | _MAY_SHOW_A_PROMPT | {DepositState.SUCCEEDED}


class WrongDepositState(Refused):
    """The deposit does not stand where this act needs it."""

    def __init__(self, deposit_id: int, state: DepositState) -> None:
        super().__init__(
            _("Deposit {deposit_id} is {state}.", deposit_id=deposit_id, state=state.value)
        )


class DepositOutOfRange(Refused):
    """The amount is below the smallest or above the largest deposit."""

    def __init__(self, *, smallest: Money, largest: Money) -> None:
        super().__init__(
            _(
                "You can deposit {smallest} to {largest}. No money was taken.",
                smallest=smallest,
                largest=largest,
            )
        )


class DepositInProgress(Refused):
    """Another deposit of the player waits for its prompt or for the PIN."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "Another deposit is in progress. Wait for it or try again in 2 minutes."
                " No money was taken."
            )
        )


class SameAmountTooSoon(Refused):
    """M-Pesa refuses the same amount from the same phone within two minutes."""

    def __init__(self) -> None:
        super().__init__(
            _(
                "You asked for the same amount just now. Wait 2 minutes or change the amount."
                " No money was taken."
            )
        )


class DailyDepositLimit(Refused):
    """The deposit would pass what the player allows per day in Nairobi."""

    def __init__(self, *, limit: Money, left: Money) -> None:
        super().__init__(
            _(
                "Your daily deposit limit is {limit}; {left} is left today. No money was taken.",
                limit=limit,
                left=left,
            )
        )


class WalletWouldOverflow(Refused):
    """The account would hold more than any may; how much more fits is for whoever has the PIN."""

    def __init__(self, *, largest: Money) -> None:
        super().__init__(
            _("An account may hold {largest} at most. No money was taken.", largest=largest)
        )


@dataclass(frozen=True)
class Earlier:
    """A deposit of the same player that may stand in the way of a new one."""

    state: DepositState
    amount: Money
    requested_at: datetime
    pushed_at: datetime | None

    @property
    def began_at(self) -> datetime:
        """When the player could first see a prompt, as far as is known."""
        return self.pushed_at or self.requested_at


def ensure_in_range(amount: Money, *, smallest: Money, largest: Money) -> None:
    """Raises DepositOutOfRange."""
    if not smallest <= amount <= largest:
        raise DepositOutOfRange(smallest=smallest, largest=largest)


def ensure_none_in_the_way(
    earlier: Sequence[Earlier],
    *,
    amount: Money,
    daily_limit: Money | None,
    today: Money,
    now: datetime,
) -> None:
    """Raises DepositInProgress, SameAmountTooSoon or DailyDepositLimit.

    `today` is what counts against the daily limit already.
    """
    if any(_is_live(one, now) for one in earlier):
        raise DepositInProgress
    if any(_is_same_too_soon(one, amount, now) for one in earlier):
        raise SameAmountTooSoon
    if daily_limit is not None:
        left = daily_limit - today
        if amount > left:
            raise DailyDepositLimit(limit=daily_limit, left=max(left, Money(0)))


def zero_counts(*, pushed_at: datetime, first_zero_at: datetime | None, now: datetime) -> bool:
    """Whether a query's "0" proves payment by itself, without a callback that agrees."""
    if now - pushed_at >= ZERO_COUNTS_AFTER:
        return True
    return first_zero_at is not None and now - first_zero_at >= ZERO_SEEN_TWICE_APART


def _is_live(one: Earlier, now: datetime) -> bool:
    if one.state in _WAITS_FOR_PUSH:
        return True
    return one.state in _MAY_SHOW_A_PROMPT and now - one.began_at < PROMPT_LIFE


def _is_same_too_soon(one: Earlier, amount: Money, now: datetime) -> bool:
    # A rejected push never became a transaction at M-Pesa, so it does not count there either.
    reached_mpesa = one.state is not DepositState.REJECTED
    return reached_mpesa and one.amount == amount and now - one.began_at < SAME_AMOUNT_PAUSE
