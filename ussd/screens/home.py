"""Home: what a player can do."""

from core.text import _
from ussd.pages import Menu, Option, Page, screen
from ussd.screens import account, bets, betting, depositing, withdrawing
from ussd.visit import Visit


@screen
def main(visit: Visit) -> Page:
    """The five things a player comes for. People learn these numbers by heart."""
    return Menu(
        _("Kibeezy"),
        (
            Option(_("Bet"), betting.start.at()),
            Option(_("Deposit"), depositing.ask_amount.at()),
            Option(_("Withdraw"), withdrawing.ask_amount.at()),
            Option(_("My bets"), bets.start.at()),
            Option(_("My account"), account.menu.at()),
        ),
    )
