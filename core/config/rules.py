"""What the dated values are, which numbers each may be, and when a change is refused."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from core.clock import iso_time
from core.errors import Refused
from core.money import WHOLE_BPS
from core.text import _


class Dated(StrEnum):
    """A number that changes at a moment; its unit is the end of its name."""

    PLATFORM_FEE_BPS = "platform_fee_bps"
    STAKE_MIN_KES = "stake_min_kes"
    STAKE_MAX_KES = "stake_max_kes"
    DEPOSIT_MIN_KES = "deposit_min_kes"
    DEPOSIT_MAX_KES = "deposit_max_kes"
    WITHDRAWAL_MIN_KES = "withdrawal_min_kes"
    WITHDRAWAL_MAX_KES = "withdrawal_max_kes"
    WITHDRAWAL_FEE_KES = "withdrawal_fee_kes"
    # The tax that is kept back from each withdrawal.
    WITHHOLDING_BPS = "withholding_bps"
    # Withdrawals from this amount on are preceded by a SIM-swap question.
    SIM_SWAP_CHECK_FROM_KES = "sim_swap_check_from_kes"
    # Withdrawals from this amount on wait until two people release them; 0 is none.
    WITHDRAWAL_APPROVAL_FROM_KES = "withdrawal_approval_from_kes"
    # The tax that is kept back from each deposit.
    EXCISE_BPS = "excise_bps"
    # The tax on what the service itself earns; nobody's bet or wallet is touched.
    GAMING_TAX_BPS = "gaming_tax_bps"
    # For everybody, whatever players allow themselves; 0 is no limit.
    WALLET_MAX_KES = "wallet_max_kes"
    DAILY_DEPOSIT_MAX_KES = "daily_deposit_max_kes"
    DAILY_STAKE_MAX_KES = "daily_stake_max_kes"
    # What a player who has set no other limit may bet by SMS per day in Nairobi; 0 is nothing.
    SMS_STAKE_DAILY_MAX_KES = "sms_stake_daily_max_kes"
    # So long after its closing the system voids a market that nobody has resolved.
    RESOLUTION_DEADLINE_HOURS = "resolution_deadline_hours"


_MOST_KES: Final = 250_000
# More is a slip; all of it would leave nothing to credit.
_MOST_EXCISE_BPS: Final = 5_000
_MOST_A_DAY_KES: Final = 10_000_000
# Those that the environment sets, too, have its bounds: a test compares them.
BOUNDS: Final[Mapping[Dated, tuple[int, int]]] = {
    Dated.PLATFORM_FEE_BPS: (0, WHOLE_BPS),
    Dated.STAKE_MIN_KES: (1, _MOST_KES),
    Dated.STAKE_MAX_KES: (1, _MOST_KES),
    Dated.DEPOSIT_MIN_KES: (1, _MOST_KES),
    Dated.DEPOSIT_MAX_KES: (1, _MOST_KES),
    Dated.WITHDRAWAL_MIN_KES: (10, _MOST_KES),
    Dated.WITHDRAWAL_MAX_KES: (1, _MOST_KES),
    Dated.WITHDRAWAL_FEE_KES: (0, 1_000),
    Dated.WITHHOLDING_BPS: (0, WHOLE_BPS),
    Dated.SIM_SWAP_CHECK_FROM_KES: (0, _MOST_KES),
    Dated.WITHDRAWAL_APPROVAL_FROM_KES: (0, _MOST_KES),
    Dated.RESOLUTION_DEADLINE_HOURS: (1, 2_160),
    Dated.EXCISE_BPS: (0, _MOST_EXCISE_BPS),
    Dated.GAMING_TAX_BPS: (0, WHOLE_BPS),
    Dated.WALLET_MAX_KES: (0, _MOST_A_DAY_KES),
    Dated.DAILY_DEPOSIT_MAX_KES: (0, _MOST_A_DAY_KES),
    Dated.DAILY_STAKE_MAX_KES: (0, _MOST_A_DAY_KES),
    Dated.SMS_STAKE_DAILY_MAX_KES: (0, _MOST_KES),
}
RANGES: Final = (
    (Dated.STAKE_MIN_KES, Dated.STAKE_MAX_KES),
    (Dated.DEPOSIT_MIN_KES, Dated.DEPOSIT_MAX_KES),
    (Dated.WITHDRAWAL_MIN_KES, Dated.WITHDRAWAL_MAX_KES),
)
# Whoever approves must be able to read it first.
SHORTEST_NOTICE: Final = timedelta(minutes=1)


class ValueOutOfBounds(Refused):
    """No such value can be."""

    def __init__(self, name: Dated) -> None:
        least, most = BOUNDS[name]
        super().__init__(_("{name} is {least} to {most}.", name=name, least=least, most=most))


class TooSoon(Refused):
    """The past stands, and the present belongs to who is being served."""

    def __init__(self) -> None:
        super().__init__(_("A value counts from a minute from now at the soonest."))


class ApprovedAlready(Refused):
    """One approval is enough, and it is not taken back."""

    def __init__(self) -> None:
        super().__init__(_("That value is approved. Propose another one to change it."))


class ApprovedTooLate(Refused):
    """The moment from which it should have counted has passed."""

    def __init__(self) -> None:
        super().__init__(_("Its time has passed without an approval. Propose it again."))


class EmptyRange(Refused):
    """The smallest amount would be above the largest, so that none could be."""

    def __init__(self, low: Dated, high: Dated, at: datetime) -> None:
        super().__init__(
            _(
                "From {time} on {low} would be above {high}.",
                time=iso_time(at),
                low=low,
                high=high,
            )
        )


@dataclass(frozen=True)
class Change:
    """A value that counts from a moment on."""

    name: str
    value: int
    effective_from: datetime


def ensure_in_bounds(name: Dated, value: int) -> None:
    """Raise ValueOutOfBounds unless the value may be."""
    least, most = BOUNDS[name]
    if not least <= value <= most:
        raise ValueOutOfBounds(name)


def ensure_ahead(moment: datetime, *, now: datetime) -> None:
    """Raise TooSoon unless the moment is far enough ahead."""
    if moment < now + SHORTEST_NOTICE:
        raise TooSoon


def ensure_ranges(changes: Sequence[Change], *, before: Mapping[str, int], since: datetime) -> None:
    """Raise EmptyRange if a range would be empty at any time from `since` on.

    The changes come in the order in which they count; `before` is what counts before any of them.
    """
    for moment in sorted({each.effective_from for each in changes}):
        if moment < since:
            continue
        due = {each.name: each.value for each in changes if each.effective_from <= moment}
        values = {**before, **due}
        for low, high in RANGES:
            if values[low] > values[high]:
                raise EmptyRange(low, high, moment)
