"""`python -m rehearsal`: days at random, until they are over or a law is broken."""

import argparse
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from laptop.engines import Engines
from rehearsal.day import QUIET_HOURS, Plan, Watch, play
from rehearsal.report import show_all, show_seed, write_json
from rehearsal.stage import open_house
from rehearsal.tally import Tally

_MOST_PLAYERS = 100
_MOST_DAYS = 30


def main() -> int:
    """Return 0 where every law held, 1 where one was broken, 2 where it was stopped."""
    words = _parser().parse_args()
    console = Console(soft_wrap=True)
    seeds = _seeds(words)
    tallies: list[Tally] = []
    try:
        with open_house() as engines:
            for seed in seeds:
                tallies.append(_play(console, engines, words, seed))
                if words.until_broken and tallies[-1].wrong:
                    break
    except KeyboardInterrupt:
        sys.stderr.write("rehearsal: stopped.\n")
        return 2
    finally:
        if tallies:
            show_all(console, tallies)
        if words.json is not None:
            write_json(words.json, tallies)
    return 1 if any(tally.wrong for tally in tallies) else 0


def _play(console: Console, engines: Engines, words: argparse.Namespace, seed: int) -> Tally:
    plan = Plan(days=words.days, players=words.players)
    console.print(f"--seed {seed} --days {plan.days} --players {plan.players}", highlight=False)
    with _watching(console, plan, every_hour=words.verbose) as watch:
        tally = play(engines, plan, seed=seed, watch=watch)
    show_seed(console, tally)
    return tally


@contextmanager
def _watching(console: Console, plan: Plan, *, every_hour: bool) -> Iterator[Watch]:
    bars = Progress(
        TextColumn("{task.fields[now]}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("hours"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bars:
        bar = bars.add_task("", total=24 * plan.days - 5 + QUIET_HOURS, now="")

        def watch(hour: datetime) -> None:
            bars.update(bar, advance=1, now=f"{hour:%d/%m %H:%M}")
            if every_hour:
                console.print(f"  {hour:%d/%m %H:%M}, the ledger is sound", highlight=False)

        yield watch


def _seeds(words: argparse.Namespace) -> Iterator[int]:
    if words.seed is not None:
        return iter([words.seed])
    if words.until_broken:
        return count(words.first_seed)
    return iter(range(words.first_seed, words.first_seed + words.seeds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rehearsal", description=__doc__)
    parser.add_argument("--days", type=_up_to(_MOST_DAYS), default=1)
    parser.add_argument("--players", type=_up_to(_MOST_PLAYERS), default=12)
    parser.add_argument("--seeds", type=int, default=10, help="how many, one after the other")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seed", type=int, help="this one only")
    parser.add_argument("--until-broken", action="store_true", help="stop at the first broken law")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument("-v", "--verbose", action="store_true", help="a line for each hour")
    return parser


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from 1 to {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
