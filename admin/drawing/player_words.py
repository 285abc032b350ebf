"""How a player, a bet and a payment are called on pages: words, and a tone for their colour."""

from typing import Final

from admin.drawing.payment_words import standing
from core.markets.my_bets import MyBet
from core.money import Money
from core.players.limits import LimitKind
from core.players.records import Status
from core.players.standing import Standing

# A word and its tone: good, wait, bad or none.
Said = tuple[str, str]

STATUS: Final[dict[Status, Said]] = {
    Status.UNVERIFIED: ("number not verified", "wait"),
    Status.ACTIVE: ("open", "good"),
    Status.LOCKED: ("locked", "bad"),
    Status.ON_BREAK: ("on a break", "wait"),
    Status.CLOSED: ("closed", ""),
}
LIMITS: Final = {
    LimitKind.DAILY_DEPOSIT: "Deposits a day",
    LimitKind.STAKE: "One bet",
    LimitKind.SMS_STAKE: "Bets by SMS a day",
}


def pin_in_words(of: Standing) -> Said:
    """How the PIN stands; nobody here can see it."""
    pin = of.pin
    if pin.thrown_away:
        return "thrown away: a code by SMS and a new one at the next dial", "wait"
    if pin.lost:
        return "9 wrong tries: only a code by SMS helps", "bad"
    if pin.locked_until is not None and pin.wrong_tries:
        return f"wrong tries: {pin.wrong_tries}", "wait"
    tries = f"set, wrong tries: {pin.wrong_tries}" if pin.wrong_tries else "set"
    return tries, ""


def bet_in_words(bet: MyBet) -> Said:
    """What became of a bet."""
    if bet.cancelled:
        return "cancelled", ""
    if bet.outcome is None:
        return "open", "wait"
    if bet.late or bet.refunded:
        return "stake back", ""
    return ("won", "good") if bet.paid else ("lost", "")


def payment_in_words(state: str, *, doubted: bool) -> Said:
    """Where a payment stands; `doubted` where a person must look at it."""
    words, tone = standing(state)
    return (f"{words}, to decide", "bad") if doubted else (words, tone)


def limit_in_words(amount: Money | None) -> str:
    """A limit that a player has set."""
    return "none set" if amount is None else "off" if not amount else str(amount)
