"""Which kinds of money can be stopped, and what a player is told while one is."""

from enum import StrEnum

from core.errors import Refused
from core.text import Text, _


class Switch(StrEnum):
    """A kind of money that can be stopped."""

    DEPOSITS = "deposits"
    WITHDRAWALS = "withdrawals"


class Stopped(Refused):
    """This kind of money is stopped."""

    def __init__(self, kind: Switch) -> None:
        super().__init__(_words(kind))
        self.kind = kind


def _words(kind: Switch) -> Text:
    match kind:
        case Switch.DEPOSITS:
            return _("Deposits are paused for now. No money was taken.")
        case Switch.WITHDRAWALS:
            return _("Withdrawals are paused for now. Your money is safe.")
