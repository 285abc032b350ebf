"""Moments and free texts as staff write them at the command line and on their page."""

from datetime import date, datetime, time
from typing import Final

from core.clock import NAIROBI
from core.errors import Refused
from core.text import Text, _

FREE_TEXT_CHARACTERS: Final = 500
# Beyond it calendars and databases begin to differ.
# Earlier and later ones are slips, and some have no moment in every zone of the world.
FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2999
_EXAMPLE: Final = "2026-12-31T18:00+03:00"


class InvalidMoment(Refused):
    """No moment, or one without its offset."""


class InvalidFreeText(Refused):
    """Empty, endless, or with characters that nobody can see."""

    def __init__(self, what: Text) -> None:
        super().__init__(
            _(
                "{what} is a text of 1 to {most} characters.",
                what=what,
                most=FREE_TEXT_CHARACTERS,
            )
        )


def parse_moment(raw: str | datetime) -> datetime:
    """The moment written as ISO 8601 with an offset. Raises InvalidMoment."""
    try:
        moment = raw if isinstance(raw, datetime) else datetime.fromisoformat(raw.strip())
    except ValueError:
        raise InvalidMoment(_("Write the time like {example}.", example=_EXAMPLE)) from None
    if moment.tzinfo is None:
        raise InvalidMoment(_("The time needs an offset, like {example}.", example=_EXAMPLE))
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InvalidMoment(_("That time is too far away."))
    return moment


def parse_nairobi(day: str, time_of_day: str) -> datetime:
    """The moment of a day like `2026-12-31` and a time like `18:00` on a Kenyan clock.

    Raises InvalidMoment.
    """
    try:
        moment = datetime.combine(
            date.fromisoformat(day.strip()), time.fromisoformat(time_of_day.strip()), NAIROBI
        )
    except ValueError:
        raise InvalidMoment(_("Choose a day and a time.")) from None
    return parse_moment(moment)


def parse_free_text(raw: str, *, what: Text) -> str:
    """The text on one line; `what` names it where it is refused. Raises InvalidFreeText."""
    text = " ".join(raw.split())
    if not text or len(text) > FREE_TEXT_CHARACTERS or not text.isprintable():
        raise InvalidFreeText(what)
    return text
