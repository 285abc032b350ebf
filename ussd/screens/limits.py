"""Limits and breaks: self-protection within two pages."""

from datetime import timedelta
from typing import Final

from core.clock import short_time
from core.errors import Refused
from core.money import Money
from core.money_input import parse_whole_shillings
from core.players.account import take_break
from core.players.limits import LimitKind, coming_limit, own_limit, set_limit
from core.players.sms_limit import sms_limit
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


class LimitTooLarge(Refused):
    """More than the operator allows."""

    def __init__(self, largest: Money) -> None:
        super().__init__(_("The largest limit is {largest}.", largest=largest))


@screen
def menu(visit: Visit) -> Page:
    """Four ways to hold oneself back."""
    return Menu(
        _("Limits and breaks"),
        (
            Option(_("Daily deposit limit"), ask_limit.at(LimitKind.DAILY_DEPOSIT)),
            Option(_("Limit per bet"), ask_limit.at(LimitKind.STAKE)),
            Option(_("Take a break"), choose_break.at()),
            Option(_("Bets by SMS"), bets_by_sms.at()),
        ),
    )


@screen
def ask_limit(visit: Visit, kind: LimitKind) -> Page:
    """The limit now, and the question for another."""
    limit = _limit_now(visit, kind)
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
    smallest, largest = _range(visit, kind)
    if limit < smallest:
        raise LimitTooSmall(smallest)
    if largest is not None and limit > largest:
        raise LimitTooLarge(largest)
    wait = _set(visit, kind, limit)
    said = (
        _("{limit} counts from tomorrow this time.", limit=limit)
        if wait
        else _("{limit} counts from now.", limit=limit)
    )
    before = bets_by_sms.at() if kind is LimitKind.SMS_STAKE else menu.at()
    return Redirect(before, said, Trail.WITHOUT_LAST)


@screen
def bets_by_sms(visit: Visit) -> Page:
    """Whoever has the phone in hand bets by SMS without a PIN, so it can be turned off."""
    limit = _limit_now(visit, LimitKind.SMS_STAKE)
    another = Option(
        _("Change the limit") if limit else _("Switch on"), ask_limit.at(LimitKind.SMS_STAKE)
    )
    return Menu(
        _("Bets by SMS need no PIN. {standing}", standing=_sms_standing(visit, limit)),
        (Option(_("Switch off"), switch_off.at()), another) if limit else (another,),
    )


@action
def switch_off(visit: Visit) -> Redirect:
    """No more bets by SMS, from now on."""
    _set(visit, LimitKind.SMS_STAKE, Money(0))
    return Redirect(menu.at(), _("Bets by SMS are off from now."), Trail.WITHOUT_LAST)


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


def _limit_now(visit: Visit, kind: LimitKind) -> Money | None:
    if kind is LimitKind.SMS_STAKE:
        return sms_limit(visit.reading, player_id=visit.who, config=visit.config)
    return own_limit(visit.reading, player_id=visit.who, kind=kind)


def _set(visit: Visit, kind: LimitKind, limit: Money) -> timedelta:
    unset = visit.config.sms_stake_daily_max if kind is LimitKind.SMS_STAKE else None
    return set_limit(visit.connection, player_id=visit.who, kind=kind, amount=limit, unset=unset)


def _sms_standing(visit: Visit, limit: Money | None) -> Text:
    if not visit.config.sms_stake_daily_max:
        return _("They are off for everybody now.")
    coming = coming_limit(visit.reading, player_id=visit.who, kind=LimitKind.SMS_STAKE)
    now = _("Now: {limit} a day.", limit=limit) if limit else _("Now: off.")
    if coming is None:
        return now
    raised, when = coming
    return _("{now} {raised} from {time}.", now=now, raised=raised, time=short_time(when))


def _range(visit: Visit, kind: LimitKind) -> tuple[Money, Money | None]:
    """A limit below the smallest stake or deposit is a slip; a break says it better."""
    match kind:
        case LimitKind.STAKE:
            return visit.config.stake_range[0], None
        case LimitKind.SMS_STAKE:
            return visit.config.stake_range
        case LimitKind.DAILY_DEPOSIT:
            return visit.config.deposit_range[0], None


def _name(kind: LimitKind) -> Text:
    match kind:
        case LimitKind.STAKE:
            return _("Limit per bet")
        case LimitKind.SMS_STAKE:
            return _("Bets by SMS, daily")
        case LimitKind.DAILY_DEPOSIT:
            return _("Daily deposit limit")


def _length(days: int) -> Text:
    match days:
        case 1:
            return _("24 hours")
        case 183:
            return _("6 months")
        case _:
            return _("{days} days", days=days)
