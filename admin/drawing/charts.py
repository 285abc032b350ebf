"""Charts of a market, drawn here as SVG; pages that show them link `charts.css` in their head.

A drawing is as wide as its page and its words keep their size: what is drawn stands in a box of
its own that is stretched, and the marks around it stand at percentages.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from markupsafe import Markup

from admin.drawing.axes import amounts, short, times
from admin.drawing.words import cents, minute, percent
from core.markets.pool_history import Bucket, History

_SIZE: Final = 1_000
EMPTY: Final = Markup('<p class="empty">{}</p>')
_FIGURE: Final = Markup(
    '<figure class="chart"><figcaption>{title}</figcaption>{legend}'
    '<svg class="chart-frame" role="img" aria-labelledby="{name}-title {name}-told">'
    '<title id="{name}-title">{title}</title><desc id="{name}-told">{told}</desc>'
    '{marks}<svg viewBox="0 0 1000 1000" width="100%" height="100%" preserveAspectRatio="none">'
    "{drawn}</svg></svg></figure>"
)
_LEGEND: Final = Markup('<ul class="chart-legend">{}</ul>')
_LEGEND_LINE: Final = Markup(
    '<li><svg class="chart-key" viewBox="0 0 24 8" aria-hidden="true">'
    '<path class="line {side}" d="M0 4H24"/></svg>{words}</li>'
)
_AMOUNT: Final = Markup(
    '<line class="grid" x1="0" x2="100%" y1="{y}%" y2="{y}%"/>'
    '<text class="mark" x="-8" y="{y}%" dy="0.32em" text-anchor="end">{words}</text>'
)
_TIME: Final = Markup(
    '<text class="mark" x="{x}%" y="100%" dy="1.5em" text-anchor="middle">{words}</text>'
    '<text class="mark day" x="{x}%" y="100%" dy="2.8em" text-anchor="middle">{day}</text>'
)
_AREA: Final = Markup('<path class="area {side}" d="{d}"/>')
_LINE: Final = Markup('<path class="line {side}" d="{d}"/>')
_BAR: Final = Markup('<path class="bar" d="M{left:.1f} 1000V{top:.1f}H{right:.1f}V1000Z"/>')
# What a pointer that rests on it is told.
_HOVER: Final = Markup(
    '<rect class="hover" x="{left:.1f}" y="0" width="{width:.1f}" height="1000">'
    "<title>{words}</title></rect>"
)


def pool_chart(history: History) -> Markup:
    """What was staked on YES and on NO over time, one line each."""
    if not history.bets and not history.cancelled:
        return EMPTY.format("Nobody has bet on this market yet: there are no pools to draw.")
    largest = max(max(b.pool.yes.cents, b.pool.no.cents) for b in history.buckets)
    frame = _Frame(history, amounts(largest / 100))
    yes = [(b, b.pool.yes.cents / 100) for b in history.buckets]
    no = [(b, b.pool.no.cents / 100) for b in history.buckets]
    end = history.pool
    return frame.figure(
        name="pools",
        title="Pools over time, in KES",
        legend=(("yes", f"YES, {cents(end.yes.cents)}"), ("no", f"NO, {cents(end.no.cents)}")),
        told=f"{frame.span}: YES grows to {cents(end.yes.cents)}, NO to {cents(end.no.cents)}.",
        words=[short(amount) for amount in frame.scale],
        drawn=frame.line("yes", yes) + frame.line("no", no) + frame.hovers(),
    )


def probability_chart(history: History) -> Markup:
    """The part of YES in the pool over time: how likely those who bet think it."""
    known = [(b, b.probability) for b in history.buckets]
    points = [(b, value) for b, value in known if value is not None]
    if not points:
        return EMPTY.format("No bet stands, so nothing says how likely YES is.")
    frame = _Frame(history, (0.0, 0.25, 0.5, 0.75, 1.0))
    last, values = percent(points[-1][1]), [value for _, value in points]
    return frame.figure(
        name="probability",
        title="Implied probability of YES",
        legend=(("yes", f"YES, {last} in the end"),),
        told=(
            f"{frame.span}: between {percent(min(values))} and {percent(max(values))}, "
            f"{last} in the end."
        ),
        words=[percent(amount) for amount in frame.scale],
        drawn=frame.line("yes", points, from_nothing=False) + frame.hovers(),
    )


def bets_chart(history: History) -> Markup:
    """How many bets a minute were placed and stand, on average over each bucket."""
    if not history.bets:
        return EMPTY.format("No bet stands, so there is nothing to count.")
    fastest = max(b.bets_per_minute for b in history.buckets)
    frame = _Frame(history, amounts(fastest))
    return frame.figure(
        name="bets",
        title="Bets a minute"
        if history.step <= timedelta(minutes=1)
        else f"Bets a minute, on average over {length(history)}",
        legend=(),
        told=f"{frame.span}: {history.bets:,} bets, at most {short(fastest)} a minute.",
        words=[short(amount) for amount in frame.scale],
        drawn=Markup("").join(map(frame.bar, history.buckets)) + frame.hovers(),
    )


def length(history: History) -> str:
    """How long each of the buckets is, in words."""
    minutes = round(history.step.total_seconds() / 60)
    for size, word in ((1_440, "day"), (60, "hour"), (1, "minute")):
        if minutes % size == 0:
            count = minutes // size
            return f"{count} {word}s" if count > 1 else f"each {word}"
    raise AssertionError("unreachable")


class _Frame:
    """The box of one chart: time from left to right, numbers from the bottom to the top."""

    def __init__(self, history: History, scale: Sequence[float]) -> None:
        self.buckets, self.scale = history.buckets, scale
        self.begins_at, self.ends_at = history.buckets[0].begins_at, history.buckets[-1].ends_at
        self.span = f"{minute(self.begins_at)} to {minute(self.ends_at)}"

    def figure(
        self,
        *,
        name: str,
        title: str,
        legend: Iterable[tuple[str, str]],
        told: str,
        words: Sequence[str],
        drawn: Markup,
    ) -> Markup:
        """The whole drawing, with its marks."""
        lines = [_LEGEND_LINE.format(side=side, words=said) for side, said in legend]
        return _FIGURE.format(
            name=name,
            title=title,
            told=told,
            legend=_LEGEND.format(Markup("").join(lines)) if lines else "",
            marks=self._marks(words),
            drawn=drawn,
        )

    def line(
        self, side: str, points: Iterable[tuple[Bucket, float]], *, from_nothing: bool = True
    ) -> Markup:
        """A line through what was true at the end of each bucket, and the area below it."""
        at = [(self._x(bucket.ends_at), self._y(value)) for bucket, value in points]
        if from_nothing or len(at) == 1:
            at.insert(0, (0.0, float(_SIZE) if from_nothing else at[0][1]))
        through = "L".join(f"{x:.1f} {y:.1f}" for x, y in at)
        area = f"M{at[0][0]:.1f} {_SIZE}L{through}L{at[-1][0]:.1f} {_SIZE}Z"
        return _AREA.format(side=side, d=area) + _LINE.format(side=side, d=f"M{through}")

    def bar(self, bucket: Bucket) -> Markup:
        """A bar as high as its bets a minute; nothing where there are none."""
        if not bucket.bets:
            return Markup("")
        left, right = self._x(bucket.begins_at), self._x(bucket.ends_at)
        gap = (right - left) * 0.12
        return _BAR.format(left=left + gap, right=right - gap, top=self._y(bucket.bets_per_minute))

    def hovers(self) -> Markup:
        """The numbers of each bucket, for a pointer that rests on it."""
        return Markup("").join(
            _HOVER.format(
                left=self._x(bucket.begins_at),
                width=self._x(bucket.ends_at) - self._x(bucket.begins_at),
                words=(
                    f"{minute(bucket.ends_at)}: YES {cents(bucket.pool.yes.cents)}, "
                    f"NO {cents(bucket.pool.no.cents)}, {percent(bucket.probability)} YES, "
                    f"{bucket.bets:,} bets"
                ),
            )
            for bucket in self.buckets
        )

    def _marks(self, words: Sequence[str]) -> Markup:
        drawn = [
            _AMOUNT.format(y=f"{self._y(amount) / _SIZE:.1%}".rstrip("%"), words=said)
            for amount, said in zip(self.scale, words, strict=True)
        ]
        drawn += [
            _TIME.format(
                x=f"{self._x(at) / _SIZE:.1%}".rstrip("%"), words=time or day, day=time and day
            )
            for at, time, day in times(self.begins_at, self.ends_at)
        ]
        return Markup("").join(drawn)

    def _x(self, at: datetime) -> float:
        return _SIZE * ((at - self.begins_at) / (self.ends_at - self.begins_at))

    def _y(self, value: float) -> float:
        return _SIZE * (1 - value / self.scale[-1])
