"""Where a refusal leads: most stay on the page with a sentence, some have a page of their own."""

from core.errors import Refused
from core.markets.close_account import DepositOnItsWay, MoneyLeft, ResultNotFinal
from core.markets.place_bet import DailyStakeLimit, GivenUp, StakeNotCovered
from core.markets.rules import MarketClosed, MarketPaused, NoSuchMarket
from core.players.rules import (
    AccountClosed,
    AccountLocked,
    NotVerified,
    OnBreak,
    PinLocked,
    WrongPin,
)
from core.switches.rules import Stopped
from core.text import Text, _
from core.withdrawals.give_up_withdrawal import WithdrawalGivenUp
from core.withdrawals.rules import WithdrawalsPaused
from ussd.pages import Link, Redirect
from ussd.screens import account, betting, depositing, home, pin, registering


def place_for(refusal: Refused, standing: Link | None) -> Redirect:
    """The page that explains this refusal to a caller who stood on `standing`.

    A page that cannot lead on any more is not shown again.
    """
    words = _words(refusal)
    here = standing or home.main.at()
    match refusal:
        case WrongPin():
            return Redirect(pin.wrong.at(here))
        case PinLocked():
            return pin.locked.at().saying(words)
        case NotVerified():
            return registering.enter_code.at(here).saying(words)
        case StakeNotCovered(shortfall=shortfall):
            return Redirect(depositing.offer.at(shortfall))
        case MarketClosed() | MarketPaused():
            return betting.start.at().afresh(words)
        case (
            GivenUp()
            | DailyStakeLimit()
            | WithdrawalGivenUp()
            | WithdrawalsPaused()
            | Stopped()
            | OnBreak()
            | AccountLocked()
            | AccountClosed()
        ):
            return home.main.at().afresh(words)
        case MoneyLeft() | DepositOnItsWay() | ResultNotFinal():
            return account.menu.at().afresh(words)
        case _:
            return here.saying(words)


def _words(refusal: Refused) -> Text:
    match refusal:
        case MarketClosed():
            # Callers know it by its label; its number is for those who typed one.
            return _("That market takes no bets now. No money was taken.")
        case NoSuchMarket():
            # What was typed is not repeated: it may have been a PIN.
            return _("There is no market with that number.")
        case _:
            return refusal.text
