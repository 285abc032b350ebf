"""`python -m bench`: the whole service with a home of its own, and many phones on it."""

import argparse
import secrets
import sys
from collections.abc import Callable

from rich.console import Console

from bench.hundred_phones import MOST_PHONES, Plan, run
from bench.service import CannotStart, running_service

_MOST_SECONDS = 3600
_SEEDS = 1_000_000


def main() -> int:
    """Return 0 where nothing was wrong, 1 where something was, 2 where it could not start."""
    plan = _plan(sys.argv[1:])
    console = Console()
    console.print(
        f"{plan.phones} phones, {plan.seconds} s, --seed {plan.seed}. The service starts.",
        highlight=False,
    )
    try:
        with running_service() as service:
            return run(plan, service, console)
    except CannotStart as error:
        sys.stderr.write(f"bench: the service does not start:\n{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("bench: stopped.\n")
        return 2


def _plan(words: list[str]) -> Plan:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--phones", type=_up_to(MOST_PHONES), default=100)
    parser.add_argument("--seconds", type=_up_to(_MOST_SECONDS), default=60)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(_SEEDS))
    parser.add_argument(
        "--pause",
        type=float,
        default=0.0,
        help="seconds that a person looks at a page, on average; 0 is full load",
    )
    found = parser.parse_args(words)
    return Plan(
        phones=found.phones,
        seconds=found.seconds,
        pause_seconds=max(found.pause, 0.0),
        seed=found.seed,
    )


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from 1 to {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
