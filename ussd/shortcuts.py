"""What can be dialled behind the service code: pages that move no money."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from core.markets.rules import Side
from ussd.hop import SEPARATOR
from ussd.pages import Link
from ussd.screens import account, bets, betting, depositing, limits, withdrawing

MARKET: Final = "<market>"


@dataclass(frozen=True)
class Shortcut:
    """Digits as they are dialled, `<market>` for any market's number, and where they lead."""

    digits: str
    opens: Callable[[int], Link]

    def reads(self, dialled: list[str]) -> Link | None:
        """Where these digits lead, if they are this shortcut's."""
        pattern = self.digits.split(SEPARATOR)
        if len(pattern) != len(dialled):
            return None
        market_id = 0
        for wanted, digits in zip(pattern, dialled, strict=True):
            if wanted == MARKET and betting.MARKET_NUMBER.fullmatch(digits):
                market_id = int(digits)
            elif wanted != digits:
                return None
        return self.opens(market_id)


# The digits are those of the menu, which people know by heart; no stake and no PIN is among them.
SHORTCUTS: Final = (
    Shortcut("1", lambda _: betting.start.at()),
    Shortcut("1*<market>", betting.side.at),
    Shortcut("1*<market>*1", lambda market_id: betting.dialled.at(market_id, Side.YES)),
    Shortcut("1*<market>*2", lambda market_id: betting.dialled.at(market_id, Side.NO)),
    Shortcut("2", lambda _: depositing.ask_amount.at()),
    Shortcut("3", lambda _: withdrawing.ask_amount.at()),
    Shortcut("4", lambda _: bets.start.at()),
    Shortcut("5", lambda _: account.menu.at()),
    Shortcut("5*1", lambda _: account.show_balance.at()),
    Shortcut("5*2", lambda _: account.show_statement.at()),
    Shortcut("5*4", lambda _: limits.menu.at()),
    Shortcut("5*5", lambda _: account.language.at()),
    Shortcut("5*99*1", lambda _: account.my_number.at()),
    Shortcut("5*99*2", lambda _: account.ask_receipt.at()),
    Shortcut("5*99*4", lambda _: account.help_.at()),
)
LONGEST: Final = max(len(one.digits.split(SEPARATOR)) for one in SHORTCUTS)


def follow(dialled: str) -> tuple[Link, ...]:
    """The pages on the way that these digits name, the last being the one that is opened.

    What is not declared, a stake or a PIN above all, is passed over with everything behind it.
    """
    digits = dialled.split(SEPARATOR)[:LONGEST]
    ways = (_named(digits[:length]) for length in range(1, len(digits) + 1))
    return tuple(link for link in ways if link is not None)


def _named(digits: list[str]) -> Link | None:
    found = (shortcut.reads(digits) for shortcut in SHORTCUTS)
    return next((link for link in found if link is not None), None)
