"""Where a refusal leads: most stay on the page with a sentence, some have a page of their own."""

from core.errors import Refused
from core.markets.close_account import DepositOnItsWay, MoneyLeft
from core.markets.place_bet import StakeNotCovered
from core.markets.rules import MarketClosed
from core.players.rules import (
    AccountClosed,
    AccountLocked,
    NotVerified,
    OnBreak,
    PinLocked,
    WrongPin,
)
from ussd.pages import Link, Redirect
from ussd.screens import account, betting, depositing, home, pin, registering


def place_for(refusal: Refused, standing: Link | None) -> Redirect:
    """The page that explains this refusal to a caller who stood on `standing`.

    A page that cannot lead on any more is not shown again.
    """
    here = standing or home.main.at()
    match refusal:
        case WrongPin():
            return Redirect(pin.wrong.at(here))
        case PinLocked():
            return pin.locked.at().saying(refusal.text)
        case NotVerified():
            return registering.enter_code.at(here).saying(refusal.text)
        case StakeNotCovered(shortfall=shortfall):
            return Redirect(depositing.offer.at(shortfall))
        case MarketClosed():
            return betting.start.at().afresh(refusal.text)
        case OnBreak() | AccountLocked() | AccountClosed():
            return home.main.at().afresh(refusal.text)
        case MoneyLeft() | DepositOnItsWay():
            return account.menu.at().afresh(refusal.text)
        case _:
            return here.saying(refusal.text)
