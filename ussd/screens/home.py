"""Home: what a player can do."""

from core.switches.rules import said_to_callers
from core.text import _
from ussd.pages import Menu, Option, Page, screen
from ussd.screens import account, bets, betting, depositing, withdrawing
from ussd.visit import Visit


@screen
def main(visit: Visit) -> Page:
    """The five things a player comes for, and what of them is paused.

    People learn these numbers by heart, so they stay.
    """
    paused = said_to_callers(visit.stopped)
    return Menu(
        _("Kibeezy") if paused is None else _("Kibeezy\n{paused}", paused=paused),
        (
            Option(_("Bet"), betting.start.at()),
            Option(_("Deposit"), depositing.ask_amount.at()),
            Option(_("Withdraw"), withdrawing.ask_amount.at()),
            Option(_("My bets"), bets.start.at()),
            Option(_("My account"), account.menu.at()),
        ),
    )
