"""When a payment to the paybill is credited, why one is held back, and when proof is asked for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from core.config.in_force import limit_in
from core.config.rules import Dated
from core.deposits.excise import tax
from core.money import Money
from core.phone import InvalidPhone, parse_phone
from core.players.limits import tighter
from core.players.records import Player, Status
from core.text import Text, _

# The confirmation comes seconds after the payment; what Transaction Status cannot tell in a day
# it was never seen to tell (a choice, as for deposits in daraja.md §8.1).
LOOK_AFTER: Final = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
)
# The last question gets this long to be answered.
GIVE_UP_AFTER: Final = LOOK_AFTER[-1] + timedelta(hours=1)
# What is only heard for so long a person should know of.
LATE_AFTER: Final = timedelta(hours=1)
LONGEST_ACCOUNT: Final = 40


class ProvenBy(StrEnum):
    """Whose word moves money: never the confirmation's own."""

    STATUS = "status"
    STATEMENT = "statement"


class Reason(StrEnum):
    """Why a payment waits in suspense."""

    UNKNOWN_ACCOUNT = "unknown account"
    NOT_VERIFIED = "number not verified"
    ON_BREAK = "on a break"
    CLOSED = "account closed"
    LOCKED = "account locked"
    OVER_DAILY_LIMIT = "over the player's daily limit"
    OVER_WALLET = "over the most an account may hold"
    OVER_LARGEST = "over the largest deposit"
    AMOUNT_DIFFERS = "amount differs"
    CONTESTED = "told with another amount or account"
    NOT_ITS_DEPOSIT = "does not fit its deposit"
    FROM_A_STRANGER = "told by a stranger only"

    @property
    def words(self) -> Text:
        """The same as a sentence for the player."""
        return _WORDS.get(self, _UNCLEAR)


# What is known when a payment is heard, and holds until it is proven.
SEEN_WHEN_HEARD: Final = frozenset({Reason.OVER_LARGEST, Reason.CONTESTED, Reason.FROM_A_STRANGER})
# Whose account nobody can be sure of.
OF_DOUBTFUL_ACCOUNT: Final = frozenset({Reason.CONTESTED, Reason.FROM_A_STRANGER})


@dataclass(frozen=True)
class Standing:
    """Whose account was typed and what that player may still pay in, by the values in force."""

    deposit_id: int | None
    player: Player | None
    daily_limit: Money | None
    today: Money
    wallet: Money
    in_force: Mapping[str, int]


def why_not(standing: Standing, *, amount: Money) -> Reason | None:
    """Why a payment cannot be credited to the player of its account; None where it can."""
    if standing.player is None:
        return Reason.UNKNOWN_ACCOUNT
    reason = _BY_STATUS.get(standing.player.status)
    if reason is not None:
        return reason
    everybodys = limit_in(standing.in_force, Dated.DAILY_DEPOSIT_MAX_KES)
    limit = tighter(standing.daily_limit, everybodys)
    if limit is not None and standing.today + amount > limit:
        return Reason.OVER_DAILY_LIMIT
    most = limit_in(standing.in_force, Dated.WALLET_MAX_KES)
    net = tax(amount, bps=standing.in_force.get(Dated.EXCISE_BPS, 0)).net
    if most is not None and standing.wallet + net > most:
        return Reason.OVER_WALLET
    return None


def phone_in(account: str) -> str | None:
    """The phone that was typed as the account, as +254…, however it was spelled."""
    try:
        return parse_phone(account)
    except InvalidPhone:
        return None


def reference_in(account: str) -> str:
    """The account as the reference of a deposit would be spelled."""
    return "".join(account.split()).upper()


def is_same_account(one: str, other: str) -> bool:
    """Whether two channels told the same account, each in its own spelling."""
    phones = phone_in(one), phone_in(other)
    return phones[0] == phones[1] if any(phones) else reference_in(one) == reference_in(other)


_BY_STATUS: Final = {
    Status.UNVERIFIED: Reason.NOT_VERIFIED,
    Status.ON_BREAK: Reason.ON_BREAK,
    Status.CLOSED: Reason.CLOSED,
    Status.LOCKED: Reason.LOCKED,
}
_UNCLEAR: Final = _("We must check it with M-Pesa first.")
_WORDS: Final[dict[Reason, Text]] = {
    Reason.NOT_VERIFIED: _("Verify your number on the menu. We will look at it."),
    Reason.ON_BREAK: _("You are on a break. We will look at it."),
    Reason.CLOSED: _("Your account is closed. We will look at it."),
    Reason.LOCKED: _("Your account is locked. We will look at it."),
    Reason.OVER_DAILY_LIMIT: _("It is over your daily limit. We will look at it."),
    Reason.OVER_WALLET: _("It is more than an account may hold. We will look at it."),
    Reason.OVER_LARGEST: _("It is over the largest deposit. We will look at it."),
}
