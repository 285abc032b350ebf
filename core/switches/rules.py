"""Which kinds of money can be stopped, and what is said while one is."""

from collections.abc import Collection
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


def said_to_callers(stopped: Collection[Switch]) -> Text | None:
    """One short line of the first page about what players cannot do now; None where they can."""
    match [kind for kind in Switch if kind in stopped and kind is not Switch.SETTLEMENTS]:
        case []:
            return None
        case [Switch.BETS]:
            return _("Bets are paused for now.")
        case [Switch.DEPOSITS]:
            return _("Deposits are paused for now.")
        case [Switch.WITHDRAWALS]:
            return _("Withdrawals are paused for now.")
        case several:
            return _("Paused for now: {what}.", what=_listed([_called(kind) for kind in several]))


def _called(kind: Switch) -> Text:
    match kind:
        case Switch.BETS:
            return _("bets")
        case Switch.DEPOSITS:
            return _("deposits")
        case Switch.WITHDRAWALS:
            return _("withdrawals")
        case Switch.SETTLEMENTS:
            raise AssertionError("players ask for no settlement")


def _listed(names: list[Text]) -> Text:
    first, *rest = names
    if not rest:
        return first
    # Without words of its own it is the same in every language.
    return Text("{first}, {rest}", {"first": first, "rest": _listed(rest)})


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
