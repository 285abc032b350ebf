"""`python -m bench`: figures of the whole service and of its books, each against its goal."""

import argparse
import secrets
import signal
import sys
from collections.abc import Callable

from rich.console import Console

from bench.books import hot_market, kills, large_ledger, settlement
from bench.messages import carrying
from bench.pages import every_page
from bench.phones import hundred_phones
from bench.phones.service import running_service
from bench.surroundings import CannotStart

_MOST_SECONDS = 3600
_MOST_ROUNDS = 100
_MOST_BETS = 10_000_000
_MOST_ENTRIES = 100_000_000
_MOST_KILLS = 1000
_MOST_MESSAGES = 1_000_000
_MOST_PLAYERS = 10_000_000
_SEEDS = 1_000_000
_BETS_A_PLAYER = 4
# What `make bench` alone runs: every part, so small that the whole takes some minutes.
_AFFORDABLE = (
    "phones",
    "hot-market",
    "settlement --bets 50000",
    "kills --bets 10000 --kills 5",
    "verify --entries 500000",
    "sms --messages 2000",
    "pages --players 20000 --bets 20000",
)

Part = Callable[[argparse.Namespace, Console], int]


def main() -> int:
    """Return 0 where nothing was wrong, 1 where something was, 2 where it could not start.

    A goal that was missed is printed, and is nothing wrong: the machine may be busy.
    """
    # Whoever stops it, or began it in the background, wants nothing of it left either.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    words = sys.argv[1:]
    console = Console()
    try:
        if not words:
            return max([_run(part.split(), console) for part in _AFFORDABLE])
        return _run(words, console)
    except CannotStart as error:
        sys.stderr.write(f"bench: it does not start:\n{error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("bench: stopped.\n")
        return 2


def _run(words: list[str], console: Console) -> int:
    asked = _parser().parse_args(words)
    seed = [] if "--seed" in words else ["--seed", str(asked.seed)]
    console.rule(" ".join([*words, *seed]))
    part: Part = asked.run
    return part(asked, console)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parts = parser.add_subparsers(required=True, metavar="part")
    phones = _add(parts, "phones", _phones, "many phones on the whole service")
    phones.add_argument("--phones", type=_up_to(hundred_phones.MOST_PHONES), default=100)
    phones.add_argument("--seconds", type=_up_to(_MOST_SECONDS), default=60)
    phones.add_argument(
        "--pause",
        type=float,
        default=0.0,
        help="seconds that a person looks at a page, on average; 0 is full load",
    )
    hot = _add(parts, "hot-market", _hot_market, "all bets on one market against fifty")
    hot.add_argument("--rounds", type=_up_to(_MOST_ROUNDS), default=5)
    hot.add_argument("--seconds", type=_up_to(_MOST_SECONDS), default=4)
    settling = _add(parts, "settlement", _settlement, "one very large market is settled")
    settling.add_argument("--bets", type=_up_to(_MOST_BETS), default=1_000_000)
    killing = _add(parts, "kills", _kills, "a settlement whose processes are killed")
    killing.add_argument("--bets", type=_up_to(_MOST_BETS), default=100_000)
    killing.add_argument("--kills", type=_up_to(_MOST_KILLS), default=20)
    verifying = _add(parts, "verify", _verify, "the books of many entries are verified")
    verifying.add_argument("--entries", type=_up_to(_MOST_ENTRIES), default=10_000_000)
    verifying.add_argument("--each", action="store_true", help="also time each invariant")
    sending = _add(parts, "sms", _sms, "many messages, from the queue to the provider")
    sending.add_argument("--messages", type=_up_to(_MOST_MESSAGES), default=10_000)
    opening = _add(parts, "pages", _pages, "each staff page among many players")
    opening.add_argument("--players", type=_up_to(_MOST_PLAYERS), default=1_000_000)
    opening.add_argument("--bets", type=_up_to(_MOST_BETS), default=200_000)
    opening.add_argument("--rounds", type=_up_to(_MOST_ROUNDS), default=15)
    return parser


def _add(
    parts: "argparse._SubParsersAction[argparse.ArgumentParser]",
    name: str,
    run: Part,
    words: str,
) -> argparse.ArgumentParser:
    part = parts.add_parser(name, help=words)
    part.add_argument("--seed", type=int, default=secrets.randbelow(_SEEDS))
    part.set_defaults(run=run)
    return part


def _phones(asked: argparse.Namespace, console: Console) -> int:
    plan = hundred_phones.Plan(
        phones=asked.phones,
        seconds=asked.seconds,
        pause_seconds=max(asked.pause, 0.0),
        seed=asked.seed,
    )
    with running_service() as service:
        return hundred_phones.run(plan, service, console)


def _hot_market(asked: argparse.Namespace, console: Console) -> int:
    plan = hot_market.Plan(rounds=asked.rounds, seconds=asked.seconds, seed=asked.seed)
    return hot_market.run(plan, console)


def _settlement(asked: argparse.Namespace, console: Console) -> int:
    players = max(asked.bets // _BETS_A_PLAYER, 1)
    plan = settlement.Plan(bets=asked.bets, players=players, seed=asked.seed)
    return settlement.run(plan, console)


def _kills(asked: argparse.Namespace, console: Console) -> int:
    plan = kills.Plan(bets=asked.bets, kills=asked.kills, seed=asked.seed)
    return kills.run(plan, console)


def _verify(asked: argparse.Namespace, console: Console) -> int:
    plan = large_ledger.Plan(entries=asked.entries, each_invariant=asked.each, seed=asked.seed)
    return large_ledger.run(plan, console)


def _sms(asked: argparse.Namespace, console: Console) -> int:
    return carrying.run(carrying.Plan(messages=asked.messages), console)


def _pages(asked: argparse.Namespace, console: Console) -> int:
    plan = every_page.Plan(
        players=asked.players, bets=asked.bets, rounds=asked.rounds, seed=asked.seed
    )
    return every_page.run(plan, console)


def _up_to(most: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if not 1 <= value <= most:
            raise argparse.ArgumentTypeError(f"a number from 1 to {most}")
        return value

    return number


if __name__ == "__main__":
    sys.exit(main())
