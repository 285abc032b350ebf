"""When nobody is to be woken by what they did not ask for."""

from datetime import datetime, time
from typing import Final

from core.clock import in_nairobi

QUIET_FROM: Final = time(21)
QUIET_UNTIL: Final = time(7)


def is_quiet(moment: datetime) -> bool:
    """Whether it is night in Nairobi: from 21:00 to 07:00."""
    here = in_nairobi(moment).time()
    return here >= QUIET_FROM or here < QUIET_UNTIL
