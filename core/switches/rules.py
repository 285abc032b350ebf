"""Which kinds of money can be stopped, and what is said while one is."""

from enum import StrEnum

from core.errors import Refused
from core.text import Text, _


class Switch(StrEnum):
    """A kind of money that can be stopped."""

    BETS = "bets"
    DEPOSITS = "deposits"
    SETTLEMENTS = "settlements"
    WITHDRAWALS = "withdrawals"


class Stopped(Refused):
    """This kind of money is stopped."""

    def __init__(self, kind: Switch) -> None:
        super().__init__(_words(kind))
        self.kind = kind


def _words(kind: Switch) -> Text:
    match kind:
        case Switch.BETS:
            return _("Bets are paused for now. No money was taken.")
        case Switch.DEPOSITS:
            return _("Deposits are paused for now. No money was taken.")
        case Switch.SETTLEMENTS:
            return _(
                "Settlements are paused for now. What is resolved is paid once they run again."
            )
        case Switch.WITHDRAWALS:
            return _("Withdrawals are paused for now. Your money is safe.")
