"""Figures against their goals, as a person reads them."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

from rich.console import Console
from rich.table import Table

MEBIBYTE = 1024**2


@dataclass(frozen=True, kw_only=True, slots=True)
class Figure:
    """One measured figure. `goal` is what it may not pass, or must reach where more is better."""

    what: str
    value: float
    goal: float | None = None
    unit: str = "x"
    more_is_better: bool = False

    @property
    def is_met(self) -> bool:
        """Whether the goal is met; a figure without one always is."""
        if self.goal is None:
            return True
        return self.value >= self.goal if self.more_is_better else self.value <= self.goal


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that so large a share of all values does not pass."""
    ordered = sorted(values)
    return ordered[max(0, ceil(share * len(ordered)) - 1)]


def show(console: Console, title: str, figures: Sequence[Figure]) -> None:
    """Print them, each with its goal and whether it was met."""
    table = Table("", "measured", "goal", "", title=title)
    table.columns[1].justify = table.columns[2].justify = "right"
    for figure in figures:
        goal = ""
        if figure.goal is not None:
            sign = ">=" if figure.more_is_better else "<="
            goal = f"{sign} {figure.goal:g} {figure.unit}"
        verdict = "" if figure.goal is None else "met" if figure.is_met else "MISSED"
        table.add_row(figure.what, f"{figure.value:,.2f} {figure.unit}", goal, verdict)
    console.print(table)
