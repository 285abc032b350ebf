"""Time as people in Kenya read it; what time it is, only the database says."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

NAIROBI = ZoneInfo("Africa/Nairobi")


def in_nairobi(moment: datetime) -> datetime:
    """The same moment on a Kenyan clock."""
    return moment.astimezone(NAIROBI)


def short_time(moment: datetime) -> str:
    """Day and time in few characters, such as `31/12 18:00`."""
    return f"{in_nairobi(moment):%d/%m %H:%M}"


def time_of_day(moment: datetime) -> str:
    """Hours and minutes in Nairobi, of the minute that has begun."""
    return in_nairobi(moment).strftime("%H:%M")


def iso_time(moment: datetime) -> str:
    """ISO 8601 with Nairobi's offset, in whole seconds."""
    return in_nairobi(moment).isoformat(timespec="seconds")


def next_time(moment: datetime, *, at: time) -> datetime:
    """The next moment at which a Kenyan clock shows `at`: later today, or tomorrow."""
    here = in_nairobi(moment)
    today = datetime.combine(here.date(), at, NAIROBI)
    return today if here < today else today + timedelta(days=1)
