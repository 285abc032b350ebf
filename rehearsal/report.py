"""The figures of a rehearsal, as a person reads them."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from rehearsal.rates import drawn_faults
from rehearsal.tally import Tally

_PLACES: Final = {
    "deposits": "deposits",
    "paybill payments": "paybill",
    "withdrawals": "withdrawals",
    "ways": "went through",
    "alarms": "alarms",
    "faults": "faults",
    "acts": "players",
    "worker": "worker",
    "cents": "cents",
}


def show_seed(console: Console, tally: Tally) -> None:
    """Print what one seed came to, and everything that was wrong."""
    verdict = "[bold red]BROKEN[/]" if tally.wrong else "sound"
    console.print(
        f"[bold]seed {tally.seed}[/]: {verdict}, {tally.actions} actions,"
        f" {sum(tally.faults.values())} faults, {tally.seconds:.1f} s",
        highlight=False,
    )
    for heading, label in _PLACES.items():
        counts = tally.counts.get(heading, {})
        words = ", ".join(f"{name} {times:,}" for name, times in counts.items())
        console.print(f"  {label:<12} {words or '-'}", markup=False, highlight=False)
    for what in tally.wrong:
        console.print(f"  WRONG: {what}", markup=False, highlight=False)


def show_all(console: Console, tallies: Sequence[Tally]) -> None:
    """Print a line for each seed, and which seeds must be looked at."""
    headings = ("seed", "s", "actions", "faults", "kills", "deposits", "paybill", "payouts")
    # Without lines it fits into the 80 columns of a terminal or a log.
    table = Table(*headings, box=None, padding=(0, 1))
    table.add_column("alarms")
    table.add_column("wrong")
    for column in table.columns:
        column.justify = "right"
    for tally in tallies:
        table.add_row(
            str(tally.seed),
            f"{tally.seconds:.1f}",
            str(tally.actions),
            str(sum(tally.faults.values())),
            str(tally.counts["worker"]["killed"]),
            *(str(sum(tally.counts[name].values())) for name in _COUNTED),
            str(len(tally.wrong)),
        )
    console.print(table)
    broken = [str(tally.seed) for tally in tallies if tally.wrong]
    seen = {spot for tally in tallies for spot in tally.faults}
    missing = [spot for spot in drawn_faults() if spot not in seen]
    console.print(f"{len(tallies)} seeds, {len(seen)} kinds of fault and attack.", highlight=False)
    if missing:
        console.print(f"Never came up: {', '.join(missing)}.", highlight=False)
    if broken:
        console.print(f"[bold red]Broken:[/] --seed {', --seed '.join(broken)}", highlight=False)
    else:
        console.print("Nothing was lost, and nothing doubled.")


def write_json(file: Path, tallies: Sequence[Tally]) -> None:
    """Write the same for programs."""
    days = [{**tally.replayable(), "seconds": round(tally.seconds, 1)} for tally in tallies]
    file.write_text(json.dumps(days, indent=2) + "\n")


_COUNTED: Final = ("deposits", "paybill payments", "withdrawals", "alarms")
