"""Bets per second: all of them on one market, against the same spread over fifty."""

import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from statistics import median

from rich.console import Console
from sqlalchemy import Engine

from bench.books.bookmaker import appoint, open_markets
from bench.books.crowd import Crowd, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.verifying import show_verdict
from bench.figures import Figure, show
from bench.steps import step
from core.database import in_transaction, open_database
from core.ledger.transfer import Key
from core.markets.place_bet import place_bet
from core.markets.rules import Side
from core.money import kes
from core.settings import Settings

LEAST_SHARE = 0.9
_MARKETS = 50
_PLAYERS = 20_000
_EACH = kes(1_000_000)
_STAKE = kes(20)
_PROCESSES, _THREADS = 2, 8
# A disk that takes 2 ms to keep a commit, whoever waits together.
_SLOW_DISK = {"commit_delay": "2000", "commit_siblings": "0"}
_THIS_DISK = {"commit_delay": "0", "commit_siblings": "5"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many rounds of how many seconds on each, and which seed."""

    rounds: int
    seconds: float
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Stint:
    """What one process does: bets on these markets, until time is up."""

    settings: Settings
    crowd: Crowd
    market_ids: Sequence[int]
    seconds: float
    name: str


def run(plan: Plan, console: Console) -> int:
    """Measure both in turn, on this disk and on a slower one; 1 where the books are wrong."""
    with temporary_ground() as ground:
        appoint(ground)
        market_ids = open_markets(ground, count=_MARKETS + 1)
        with step(console, f"{_PLAYERS:,} players", total=_PLAYERS) as tell:
            crowd = gather(ground.owner, size=_PLAYERS, each=_EACH, progress=tell)
        ground.rest()
        figures: list[Figure] = []
        for disk, configuration in (("this disk", _THIS_DISK), ("a 2 ms flush", _SLOW_DISK)):
            ground.configure(**configuration)
            figures += _compare(ground, crowd, market_ids, plan, disk, console)
        show(console, "Bets on one market against bets on fifty", figures)
        return show_verdict(ground, console)


def _compare(
    ground: Ground,
    crowd: Crowd,
    market_ids: Sequence[int],
    plan: Plan,
    disk: str,
    console: Console,
) -> list[Figure]:
    markets = {"hot": market_ids[:1], "spread": market_ids[1:]}
    rates: dict[str, list[float]] = {"hot": [], "spread": []}
    with (
        _pool() as processes,
        step(console, f"Betting, {disk}", total=2 * plan.rounds) as tell,
    ):
        # The first round warms every process up and is thrown away.
        for number in range(plan.rounds + 1):
            order = ("hot", "spread") if number % 2 else ("spread", "hot")
            for where in order:
                stints = [
                    _Stint(
                        settings=ground.settings,
                        crowd=crowd,
                        market_ids=markets[where],
                        seconds=plan.seconds if number else 1,
                        name=f"{plan.seed}-{disk}-{number}-{where}-{one}",
                    )
                    for one in range(_PROCESSES)
                ]
                placed = sum(processes.map(_serve, stints))
                if number:
                    rates[where].append(placed / plan.seconds)
            tell(2 * number)
    return _figures(rates, plan, disk)


def _figures(rates: dict[str, list[float]], plan: Plan, disk: str) -> list[Figure]:
    ratios = [one / many for one, many in zip(rates["hot"], rates["spread"], strict=True)]
    return [
        Figure(what=f"{disk}: one market", value=median(rates["hot"]), unit="bets/s"),
        Figure(what=f"{disk}: fifty markets", value=median(rates["spread"]), unit="bets/s"),
        Figure(
            what=f"{disk}: one / fifty, median of {plan.rounds} rounds",
            value=median(ratios),
            goal=LEAST_SHARE,
            more_is_better=True,
        ),
    ]


def _pool() -> ProcessPoolExecutor:
    # A forked child would share the sockets of its parent.
    return ProcessPoolExecutor(_PROCESSES, mp_context=multiprocessing.get_context("spawn"))


def _serve(stint: _Stint) -> int:
    """Place bets in threads until time is up; how many were placed."""
    database = open_database(stint.settings.database_url, pool_size=_THREADS)
    try:
        with ThreadPoolExecutor(_THREADS) as threads:
            return sum(threads.map(lambda one: _place(database, stint, one), range(_THREADS)))
    finally:
        database.dispose()


def _place(database: Engine, stint: _Stint, thread: int) -> int:
    rng = Random(f"{stint.name}:{thread}")
    ends_at = time.monotonic() + stint.seconds
    placed = 0
    while time.monotonic() < ends_at:
        in_transaction(
            database,
            lambda c, number=placed: place_bet(  # type: ignore[misc]
                c,
                player_id=stint.crowd.first + rng.randrange(stint.crowd.size),
                market_id=rng.choice(stint.market_ids),
                side=rng.choice([Side.YES, Side.NO]),
                stake=_STAKE,
                key=Key("bench", f"{stint.name}-{thread}-{number}:1"),
                settings=stint.settings,
            ),
        )
        placed += 1
    return placed
