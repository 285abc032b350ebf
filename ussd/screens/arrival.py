"""The first page: who is calling decides which."""

from core.money import percent
from core.notices.missed import find_missed
from core.players.find_caller import find_caller
from core.players.records import Status
from core.text import Language, _
from ussd.pages import End, Link, Menu, Option, Page, Redirect, Way, action, screen
from ussd.redial import LookedBack, look_back, words_to_continue
from ussd.screens import home, missed, pin, registering
from ussd.session import Before
from ussd.visit import Visit


def arrive(visit: Visit, before: Before | None, dialled: tuple[Link, ...]) -> Redirect:
    """Where a call begins: with the page dialled for, with what was cut off, or at the top.

    Receipts that did not arrive come before the page dialled for and the top. An offer to go on
    comes first, for it lasts minutes; they wait behind "Start again", or for the next dial.
    """
    caller = find_caller(visit.reading, phone=visit.phone)
    if caller is None:
        return _go_on(look_back(visit, before)) or Redirect(welcome.at(), trail=())
    player = caller.player
    visit.player_id, visit.language = player.id, player.language
    visit.stopped = caller.stopped
    found = look_back(visit, before)
    match player.status:
        case Status.CLOSED:
            return Redirect(closed.at(), trail=())
        case Status.LOCKED:
            return Redirect(locked.at(), found.hint, trail=())
        case Status.UNVERIFIED:
            then = dialled[-1] if dialled else home.main.at()
            return Redirect(registering.enter_code.at(then), found.hint, trail=())
        case _ if not caller.has_pin:
            # The code is read off its SMS between two calls; nothing else goes on.
            on_its_way = found.link == pin.enter_code.at() and _go_on(found)
            return on_its_way or Redirect(pin.thrown_away.at(), found.hint, trail=())
        case Status.ACTIVE | Status.ON_BREAK if dialled:
            opened = Redirect(dialled[-1], found.hint, trail=dialled[:-1])
            return missed.before_all(caller.missed, opened)
        case Status.ACTIVE | Status.ON_BREAK:
            home_page = Redirect(home.main.at(), found.hint, trail=())
            return _go_on(found) or missed.before_all(caller.missed, home_page)


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
    return Menu(
        _(
            "Bet YES or NO on a question. If you are right, you share the pool with the other"
            " winners, after a fee of {fee}. Deposit with M-Pesa and bet from {smallest}."
            " You must be 18 or older. Bet only what you can afford to lose.",
            fee=percent(visit.config.platform_fee_bps),
            smallest=visit.config.stake_range[0],
        )
    )


@screen
def cut_off(visit: Visit, then: Link, before: Way) -> Page:
    """Offers to go on where the last call broke off."""
    return Menu(
        _("Welcome back."),
        (
            Option(
                _("Continue: {what}", what=words_to_continue(visit, then)), go_on.at(then, before)
            ),
            Option(_("Start again"), start_again.at()),
        ),
    )


@action
def go_on(visit: Visit, then: Link, before: Way) -> Redirect:
    """The page as it is now: prices and markets may have changed since."""
    return Redirect(then, trail=before)


@action
def start_again(visit: Visit) -> Redirect:
    """As if the last call had never been."""
    if visit.player_id is None:
        return Redirect(welcome.at(), trail=())
    sms_id = find_missed(visit.reading, player_id=visit.player_id)
    return missed.before_all(sms_id, Redirect(home.main.at(), trail=()))


@screen
def closed(visit: Visit) -> Page:
    """The page of somebody who closed the account."""
    return End(_("Your Kibeezy account is closed. Thank you for playing."))


@screen
def locked(visit: Visit) -> Page:
    """The page of an account that staff locked: there is no way in."""
    return End(
        _("Your Kibeezy account is locked. Your money stays yours. Contact Kibeezy to unlock it.")
    )


def _go_on(found: LookedBack) -> Redirect | None:
    if found.link is None:
        return None
    return Redirect(cut_off.at(found.link, found.before), found.hint, trail=())


# Nothing comes before these.
FIRST_PAGES = {page.name for page in (welcome, cut_off, missed.letter, home.main)}
