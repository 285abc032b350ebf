"""What a withdrawal may be, what it costs, when one is refused, and when it is asked about."""

from bisect import bisect_left
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from core.clock import in_nairobi, short_time
from core.config.in_force import Config
from core.errors import Refused
from core.money import WHOLE_BPS, Money, kes
from core.money_input import parse_whole_shillings
from core.players.records import Player, Status
from core.players.rules import NotVerified, ensure_may_play
from core.text import _

# Safaricom, BusinessToCustomer FAQ 9 (daraja.md §5.2, official).
SMALLEST_PAYOUT: Final = kes(10)
# A SIM-swap question that stays unanswered for so long counts as no signal.
SIM_ANSWER_IN_TIME: Final = timedelta(seconds=60)
# Thieves empty a wallet within days of taking over a number.
SWAPPED_LATELY: Final = timedelta(days=7)
SHORTEST_PAUSE: Final = timedelta(hours=24)

# When the provider is asked what became of a payout (daraja.md §8.2); after the last, a person.
STATUS_AFTER: Final = (
    timedelta(minutes=2),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
LAST_LOOK: Final = len(STATUS_AFTER) - 1
# The answer comes as a callback of its own; after the last question it has so long to come.
LAST_ANSWER_IN_TIME: Final = timedelta(minutes=10)
# However many callbacks leave a doubt, each such while leads to one question.
ONE_DOUBT: Final = timedelta(minutes=10)
# What failed is asked about twice more: a payment that is proven late is money paid twice.
LOOKS_AFTER_FAILURE: Final = (STATUS_AFTER.index(timedelta(minutes=15)), LAST_LOOK)
# Who waits this long is told that we wait, too.
PATIENCE: Final = timedelta(minutes=5)
# A large one that nobody has released or refused by then calls a person.
RELEASE_IN_TIME: Final = timedelta(minutes=30)


class WithdrawalState(StrEnum):
    """Where a withdrawal stands. Until it has ended its money is held."""

    REQUESTED = "requested"
    QUEUED = "queued"
    SENDING = "sending"
    ACCEPTED = "accepted"
    UNKNOWN = "unknown"
    MANUAL = "manual"
    PAID = "paid"
    FAILED = "failed"
    CANCELLED = "cancelled"
    PAID_AFTER_RELEASE = "paid_after_release"


ENDED: Final = (
    WithdrawalState.PAID,
    WithdrawalState.FAILED,
    WithdrawalState.CANCELLED,
    WithdrawalState.PAID_AFTER_RELEASE,
)
# Where nobody has been called, or M-Pesa has said that it surely did nothing.
UNSENT: Final = (WithdrawalState.REQUESTED, WithdrawalState.QUEUED)
# Where the call may have been made, and nobody has proven what came of it.
IN_DOUBT: Final = (
    WithdrawalState.SENDING,
    WithdrawalState.ACCEPTED,
    WithdrawalState.UNKNOWN,
    WithdrawalState.MANUAL,
)


class WithdrawalOutOfRange(Refused):
    """The amount is below the smallest or above the largest withdrawal."""

    def __init__(self, *, smallest: Money, largest: Money) -> None:
        super().__init__(
            _(
                "You can withdraw {smallest} to {largest}. No money was taken.",
                smallest=smallest,
                largest=largest,
            )
        )


class NotWithdrawable(Refused):
    """More than there is, than M-Pesa has confirmed so far, or than a debt leaves."""

    def __init__(self, *, withdrawable: Money, unconfirmed: Money, owed: Money) -> None:
        if owed:
            words = _(
                "No money was taken. You owe us {owed}, which is kept back: you can withdraw"
                " {withdrawable} now.",
                owed=owed,
                withdrawable=withdrawable,
            )
        elif unconfirmed:
            words = _(
                "No money was taken. You can withdraw {withdrawable} now; M-Pesa still confirms"
                " {unconfirmed}. Try again in a minute.",
                withdrawable=withdrawable,
                unconfirmed=unconfirmed,
            )
        else:
            words = _(
                "You can withdraw {withdrawable} now. No money was taken.",
                withdrawable=withdrawable,
            )
        super().__init__(words)


class WithdrawalsPaused(Refused):
    """A new PIN or a new SIM: whoever holds the phone may not be the player."""

    def __init__(self, until: datetime) -> None:
        super().__init__(
            _(
                "For your safety withdrawals wait until {time}. No money was taken.",
                time=short_time(until),
            )
        )


class PriceChanged(Refused):
    """Fee or tax is another than the page said."""

    def __init__(self) -> None:
        super().__init__(_("The fee has just changed. No money was taken. Please look again."))


@dataclass(frozen=True)
class Price:
    """What leaves the wallet, and what of it the service and the state keep; whole shillings."""

    amount: Money
    fee: Money
    tax: Money

    @property
    def net(self) -> Money:
        """What arrives on the phone."""
        return self.amount - self.fee - self.tax


def price_of(amount: Money, *, fee: Money, withholding_bps: int) -> Price:
    """The price of a withdrawal; the tax is rounded to a whole shilling, half a shilling up.

    M-Pesa pays whole shillings, so no part of the price may have cents.
    """
    tax_in_bps = amount.shillings * withholding_bps
    return Price(amount, fee, kes((tax_in_bps + WHOLE_BPS // 2) // WHOLE_BPS))


def price_in(config: Config, amount: Money) -> Price:
    """The price of a withdrawal by what is in force."""
    return price_of(amount, fee=config.withdrawal_fee, withholding_bps=config.withholding_bps)


def parse_withdrawal(raw: str, config: Config) -> Price:
    """The price of whole shillings as typed. Raises NotAnAmount or WithdrawalOutOfRange."""
    amount = parse_whole_shillings(raw)
    ensure_in_range(amount, config)
    return price_in(config, amount)


def payable_range(config: Config) -> tuple[Money, Money]:
    """Smallest and largest withdrawal of which fee and tax leave something that M-Pesa can pay.

    Where they leave nothing of any amount, the smallest is above the largest.
    """
    smallest, largest = config.withdrawal_range
    amounts = range(smallest.shillings, largest.shillings + 1)
    # The more is withdrawn, the more arrives.
    payable = bisect_left(
        amounts, SMALLEST_PAYOUT, key=lambda each: price_in(config, kes(each)).net
    )
    return smallest + kes(payable), largest


def ensure_in_range(amount: Money, config: Config) -> None:
    """Raises WithdrawalOutOfRange, also where fee and tax leave less than M-Pesa can pay."""
    smallest, largest = payable_range(config)
    if not smallest <= amount <= largest:
        raise WithdrawalOutOfRange(smallest=smallest, largest=largest)


def ensure_may_withdraw(player: Player) -> None:
    """Who takes a break may still take the money out. Raises the players' refusals or Paused."""
    if player.status is not Status.ON_BREAK:
        ensure_may_play(player)
    if player.kyc_verified_at is None:
        # A break hides that the number was never verified.
        raise NotVerified
    if player.withdrawals_paused_until is not None:
        raise WithdrawalsPaused(player.withdrawals_paused_until)


def pause_after_swap(swapped_on: date | None, *, now: datetime) -> datetime | None:
    """Until when withdrawals wait after a SIM swap; None where it was long ago.

    Without a day the swap may have been a moment ago; a day that is still to come means today.
    """
    if swapped_on is None:
        return now + SHORTEST_PAUSE
    today = in_nairobi(now).date()
    ago = today - min(swapped_on, today)
    return None if ago > SWAPPED_LATELY else now + max(SHORTEST_PAUSE, SWAPPED_LATELY - ago)
