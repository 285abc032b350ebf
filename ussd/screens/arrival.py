"""The first page: who is calling decides which."""

from core.players.records import Status, find_player
from core.text import Language, _
from ussd.pages import End, Link, Menu, Option, Page, Redirect, action, screen
from ussd.screens import home, registering
from ussd.visit import Visit


def arrive(visit: Visit) -> Link:
    """Where a caller who just dialled starts: welcome, the code still to be typed, or home."""
    player = find_player(visit.reading, phone=visit.phone)
    if player is None:
        return welcome.at()
    visit.player_id, visit.language = player.id, player.language
    match player.status:
        case Status.CLOSED:
            return closed.at()
        case Status.UNVERIFIED:
            return registering.enter_code.at(home.main.at())
        case Status.ACTIVE | Status.LOCKED | Status.ON_BREAK:
            return home.main.at()


def top(visit: Visit) -> Link:
    """Where `00` leads."""
    return welcome.at() if visit.player_id is None else home.main.at()


@screen
def welcome(visit: Visit) -> Page:
    """The page of a number we do not know."""
    other = _("English") if visit.language is Language.SWAHILI else _("Kiswahili")
    return Menu(
        _("Welcome to Kibeezy"),
        (
            Option(_("Register"), registering.ask_name.at()),
            Option(_("How it works"), how_it_works.at()),
            Option(other, change_language.at()),
        ),
    )


@action
def change_language(visit: Visit) -> Redirect:
    """Switch a newcomer between the two languages; registration remembers it."""
    swahili = visit.language is Language.SWAHILI
    visit.language = Language.ENGLISH if swahili else Language.SWAHILI
    return welcome.at().afresh()


@screen
def how_it_works(visit: Visit) -> Page:
    """The service in a few sentences."""
    fee = visit.settings.platform_fee_bps / 100
    return Menu(
        _(
            "Bet YES or NO on a question. If you are right, you share the pool with the other"
            " winners, after a fee of {fee}%. Deposit with M-Pesa and bet from {smallest}."
            " You must be 18 or older. Bet only what you can afford to lose.",
            fee=f"{fee:g}",
            smallest=visit.settings.stake_range[0],
        )
    )


@screen
def closed(visit: Visit) -> Page:
    """The page of somebody who closed the account."""
    return End(_("Your Kibeezy account is closed. Thank you for playing."))
