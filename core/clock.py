"""Time as people in Kenya read it; what time it is, only the database says."""

from datetime import datetime
from zoneinfo import ZoneInfo

NAIROBI = ZoneInfo("Africa/Nairobi")


def in_nairobi(moment: datetime) -> datetime:
    """The same moment on a Kenyan clock."""
    return moment.astimezone(NAIROBI)


def short_time(moment: datetime) -> str:
    """Day and time in few characters, such as `31/12 18:00`."""
    return f"{in_nairobi(moment):%d/%m %H:%M}"
