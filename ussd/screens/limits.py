"""Limits and breaks: self-protection within two pages."""

from datetime import timedelta
from typing import Final

from core.clock import short_time
from core.errors import Refused
from core.money import Money
from core.money_input import parse_whole_shillings
from core.players.account import take_break
from core.players.limits import LimitKind, coming_limit, own_limit, set_limit
from core.text import Text, _
from ussd.pages import (
    End,
    Link,
    Menu,
    Option,
    Page,
    Question,
    Redirect,
    Trail,
    action,
    answer,
    screen,
)
from ussd.visit import Visit

BREAKS_DAYS: Final = (1, 7, 30, 90, 183)


class LimitTooSmall(Refused):
    """Nothing could be done under such a limit."""

    def __init__(self, smallest: Money) -> None:
        super().__init__(_("The smallest limit is {smallest}.", smallest=smallest))


@screen
def menu(visit: Visit) -> Page:
    """Three ways to hold oneself back."""
    return Menu(
        _("Limits and breaks"),
        (
            Option(_("Daily deposit limit"), ask_limit.at(LimitKind.DAILY_DEPOSIT)),
            Option(_("Limit per bet"), ask_limit.at(LimitKind.STAKE)),
            Option(_("Take a break"), choose_break.at()),
        ),
    )


@screen
def ask_limit(visit: Visit, kind: LimitKind) -> Page:
    """The limit now, and the question for another."""
    limit = own_limit(visit.reading, player_id=visit.who, kind=kind)
    now = _("none") if limit is None else _("{limit}", limit=limit)
    coming = coming_limit(visit.reading, player_id=visit.who, kind=kind)
    if coming is not None:
        raised, when = coming
        return Question(
            _(
                "{kind} now: {now}, {raised} from {time}. Type another limit.",
                kind=_name(kind),
                now=now,
                raised=raised,
                time=short_time(when),
            ),
            limit_typed.at(kind),
        )
    return Question(
        _(
            "{kind} now: {now}. Type the new limit. Lower counts now, higher after 24 hours.",
            kind=_name(kind),
            now=now,
        ),
        limit_typed.at(kind),
    )


@answer
def limit_typed(visit: Visit, typed: str, kind: LimitKind) -> Redirect:
    """Set it."""
    limit = parse_whole_shillings(typed)
    smallest = _smallest(visit, kind)
    if limit < smallest:
        raise LimitTooSmall(smallest)
    wait = set_limit(visit.connection, player_id=visit.who, kind=kind, amount=limit)
    said = (
        _("{limit} counts from tomorrow this time.", limit=limit)
        if wait
        else _("{limit} counts from now.", limit=limit)
    )
    return Redirect(menu.at(), said, Trail.WITHOUT_LAST)


@screen
def choose_break(visit: Visit) -> Page:
    """From a day to six months."""
    return Menu(
        _("No bets and no deposits for"),
        tuple(Option(_length(days), confirm_break.at(days)) for days in BREAKS_DAYS),
    )


@screen
def confirm_break(visit: Visit, days: int) -> Page:
    """A break cannot be undone, so it is asked twice."""
    return Menu(
        _("A break of {length} cannot be ended early.", length=_length(days)),
        (Option(_("Start the break"), start_break.at(days)),),
    )


@action
def start_break(visit: Visit, days: int) -> Link:
    """Keep the player out."""
    take_break(visit.connection, player_id=visit.who, length=timedelta(days=days))
    return on_break.at()


@screen
def on_break(visit: Visit) -> Page:
    """Until when."""
    until = visit.player().break_until
    assert until is not None
    return End(_("Your break lasts until {time}. Your money is safe.", time=short_time(until)))


def _smallest(visit: Visit, kind: LimitKind) -> Money:
    """A limit below the smallest stake or deposit is a slip; a break says it better."""
    match kind:
        case LimitKind.STAKE:
            return visit.config.stake_range[0]
        case LimitKind.DAILY_DEPOSIT:
            return visit.config.deposit_range[0]


def _name(kind: LimitKind) -> Text:
    return _("Daily deposit limit") if kind is LimitKind.DAILY_DEPOSIT else _("Limit per bet")


def _length(days: int) -> Text:
    match days:
        case 1:
            return _("24 hours")
        case 183:
            return _("6 months")
        case _:
            return _("{days} days", days=days)
