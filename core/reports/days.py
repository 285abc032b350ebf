"""Days in Nairobi, as reports are asked for: from midnight to midnight, half-open."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from core.clock import NAIROBI
from core.errors import Refused
from core.staff_input import FIRST_YEAR, LAST_YEAR, InvalidMoment, parse_moment
from core.text import _

_EXAMPLE: Final = "2026-12-31"
# A transaction may take ten minutes, and what it posts bears the time at which it was posted.
SETTLES_AFTER: Final = timedelta(minutes=15)


class InvalidDay(Refused):
    """No day of the calendar."""

    def __init__(self) -> None:
        super().__init__(_("Write the day like {example}.", example=_EXAMPLE))


class NotYet(Refused):
    """Nothing can be reported of the future."""

    def __init__(self) -> None:
        super().__init__(_("That time has not come yet."))


class EmptyPeriod(Refused):
    """It ends before it begins."""

    def __init__(self) -> None:
        super().__init__(_("The period ends before it begins."))


@dataclass(frozen=True)
class Period:
    """From a moment on, up to another that is not part of it; None is without end."""

    since: datetime | None
    until: datetime | None


def parse_day(raw: str) -> date:
    """The day written like 2026-12-31. Raises InvalidDay."""
    try:
        day = date.fromisoformat(raw.strip())
    except ValueError:
        raise InvalidDay from None
    if day.isoformat() != raw.strip() or not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidDay
    return day


def midnight(day: date) -> datetime:
    """The moment at which the day begins in Nairobi."""
    return datetime.combine(day, time(), tzinfo=NAIROBI)


def parse_period(since: str | None, until: str | None) -> Period:
    """Whole days: from the day `since` on, up to the day `until`, which is not part of it.

    Raises InvalidDay or EmptyPeriod.
    """
    begins = None if since is None else midnight(parse_day(since))
    ends = None if until is None else midnight(parse_day(until))
    if begins is not None and ends is not None and begins >= ends:
        raise EmptyPeriod
    return Period(begins, ends)


def parse_as_of(raw: str, *, now: datetime) -> datetime:
    """The end of a day, as far as it has come, or a moment with its offset.

    Raises InvalidDay, InvalidMoment or NotYet.
    """
    try:
        begins = midnight(parse_day(raw))
    except InvalidDay:
        moment = begins = _moment(raw)
    else:
        moment = min(begins + timedelta(days=1), now)
    if begins > now:
        raise NotYet
    return moment


def _moment(raw: str) -> datetime:
    try:
        return parse_moment(raw)
    except InvalidMoment:
        if "T" in raw:
            raise
        raise InvalidDay from None
