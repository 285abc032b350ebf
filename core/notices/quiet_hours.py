"""When news may go: nobody is woken by what was not asked for."""

from datetime import datetime, time, timedelta
from typing import Final

from core.clock import in_nairobi, next_time

BEGIN: Final = time(21)
END: Final = time(7)
# Whoever must act on news by a moment needs a while to read it and to answer.
TIME_TO_ACT: Final = timedelta(hours=1)


def is_quiet(moment: datetime) -> bool:
    """Whether a Kenyan clock shows 21:00 to 06:59."""
    here = in_nairobi(moment).time()
    return here >= BEGIN or here < END


def next_allowed(moment: datetime, *, until: datetime | None = None) -> datetime:
    """When news may go that is ready at this moment: at once, or at 07:00.

    News that is moot after `until` does not wait for a morning that comes too late for it: who
    may object to a result until midnight would rather be woken than be told at breakfast.
    """
    if not is_quiet(moment):
        return moment
    morning = next_time(moment, at=END)
    if until is not None and until < morning + TIME_TO_ACT:
        return moment
    return morning
