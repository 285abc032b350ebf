"""The figures of a run, as a person reads them."""

from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.figures import percentile
from bench.phones.tally import Kind, Tally


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """How many hops the phones made while they played, and for how long they did."""

    hops: int
    seconds: float


def show(console: Console, tally: Tally, figures: Figures) -> None:
    """Print events, times and everything wrong."""
    console.print(_events(tally))
    console.print(_times(tally))
    per_second = figures.hops / figures.seconds
    console.print(f"{figures.hops} hops in {figures.seconds:.0f} s: {per_second:.0f} hops/s")
    for example in tally.examples:
        console.print(f"\n[bold]WRONG[/] {example.what} ({example.phone})", highlight=False)
        console.print(example.page, markup=False, highlight=False)
    total = sum(tally.wrong.values())
    console.print(f"\n{total} things went wrong." if total else "\nNothing went wrong.")
    for what, times in tally.wrong.most_common():
        console.print(f"  {times} x {what}", markup=False)


def _events(tally: Tally) -> Table:
    table = Table("event", "times", title="What the phones did and were told")
    table.columns[1].justify = "right"
    for event, times in sorted(tally.events.items()):
        table.add_row(event, str(times))
    return table


def _times(tally: Tally) -> Table:
    table = Table("", "answers", "p50 ms", "p99 ms", "p50 ratio", "p99 ratio")
    table.title = "Times, and as multiples of GET /healthz with as many callers at once"
    for column in table.columns[1:]:
        column.justify = "right"
    least = tally.milliseconds.get(Kind.HEALTH)
    for kind in Kind:
        values = tally.milliseconds.get(kind)
        if not values:
            continue
        middle, late = percentile(values, 0.5), percentile(values, 0.99)
        ratios = ("", "")
        if least:
            ratios = (
                f"{middle / percentile(least, 0.5):.1f}",
                f"{late / percentile(least, 0.99):.1f}",
            )
        table.add_row(str(kind), str(len(values)), f"{middle:.1f}", f"{late:.1f}", *ratios)
    return table
