"""Where the marks of a chart stand, and what they say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from math import ceil, floor, log10
from typing import Final

from core.clock import in_nairobi

_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_TIMES: Final = 6
_STEPS: Final = tuple(
    timedelta(minutes=minutes)
    for minutes in (
        *(1, 2, 5, 10, 15, 30),
        *(hours * 60 for hours in (1, 2, 3, 6, 12)),
        *(days * 1_440 for days in (1, 2, 7, 14, 28, 91, 182, 364)),
    )
)


def amounts(largest: float) -> tuple[float, ...]:
    """Four to six round numbers from nothing to the largest, or a little beyond."""
    if largest <= 0:
        return (0.0, 1.0)
    magnitude = 10.0 ** floor(log10(largest / 4))
    step = next(by * magnitude for by in (1, 2, 2.5, 5, 10) if by * magnitude * 5 >= largest)
    return tuple(n * step for n in range(ceil(largest / step - 1e-9) + 1))


def times(begins_at: datetime, ends_at: datetime) -> Iterator[tuple[datetime, str, str]]:
    """A few round moments on a Kenyan clock: each with its time, and its day where that is new.

    Where whole days are apart there is no time, and each has its day.
    """
    span = ends_at - begins_at
    step = next((step for step in _STEPS if step * _MOST_TIMES >= span), span / _MOST_TIMES)
    offset = in_nairobi(begins_at).utcoffset() or timedelta(0)
    moment = begins_at - (begins_at - _EPOCH + offset) % step
    said = ""
    while moment <= ends_at:
        if moment >= begins_at:
            here = in_nairobi(moment)
            day = f"{here:%d %b}".lstrip("0")
            yield moment, "" if step >= _DAY else f"{here:%H:%M}", "" if day == said else day
            said = day
        moment += step


def short(number: float) -> str:
    """A number in few characters: `950`, `12k`, `1.2M`."""
    for above, letter in ((1e9, "bn"), (1e6, "M"), (1e3, "k")):
        if number >= above:
            return f"{round(number / above, 2):g}{letter}"
    return f"{round(number, 2):g}"
