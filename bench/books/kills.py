"""A settlement whose processes are killed again and again, and what was paid in the end."""

import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from random import Random

from rich.console import Console
from sqlalchemy import text

from bench.books.bookmaker import RESOLVER, appoint, open_markets, say_how_it_ended
from bench.books.crowd import bet, enough_for, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.passersby import Passersby
from bench.books.reckoning import compare
from bench.books.verifying import show_verdict
from bench.steps import step
from core.markets.rules import Outcome

_OTHER_MARKETS = 20
_PATIENCE_SECONDS = 300.0
_POLL_SECONDS = 0.005
# How many of a hundred kills hit the process that writes the plan.
_WHILE_PLANNING_OF_HUNDRED = 15
_DONE = text(
    """
    SELECT count(*) FROM settlement_line l JOIN settlement s USING (market_id)
    WHERE l.market_id = :market_id
      AND (l.player_id, l.bet_id) <= (s.through_player, s.through_bet)
    """
)
_FINISHED = text("SELECT finished_at IS NOT NULL FROM settlement WHERE market_id = :market_id")
# A killed worker's lease runs out in a minute, and nobody here waits for it.
_A_MINUTE_LATER = text("UPDATE clock SET ahead = ahead + interval '61 seconds'")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many bets, how many kills, and from which seed their moments are drawn."""

    bets: int
    kills: int
    seed: int


@dataclass
class _Killing:
    """One market, and how often whoever settles it was killed, and where."""

    ground: Ground
    market_id: int
    plan: Plan
    rng: Random
    at: list[int]

    def lines_done(self) -> int:
        with self.ground.owner.connect() as connection:
            return int(connection.execute(_DONE, {"market_id": self.market_id}).scalar_one())

    def is_frozen(self) -> bool:
        return self._finished() is not None

    def is_finished(self) -> bool:
        return bool(self._finished())

    def _finished(self) -> bool | None:
        with self.ground.owner.connect() as connection:
            values = {"market_id": self.market_id}
            return connection.execute(_FINISHED, values).scalar_one_or_none()


def run(plan: Plan, console: Console) -> int:
    """Settle while killing; 1 where a cent is not where it belongs."""
    players = max(plan.bets // 4, 10)
    with temporary_ground() as ground:
        appoint(ground)
        market_id, *others = open_markets(ground, count=1 + _OTHER_MARKETS)
        each = enough_for(plan.bets, size=players)
        with step(console, f"{players:,} players", total=players) as tell:
            crowd = gather(ground.owner, size=players, each=each, progress=tell)
        with step(console, f"{plan.bets:,} bets", total=plan.bets) as tell:
            bet(
                ground.owner,
                crowd=crowd,
                market_ids=[market_id],
                bets=plan.bets,
                seed=plan.seed,
                progress=tell,
            )
        say_how_it_ended(ground, market_id=market_id, outcome=Outcome.YES)
        ground.rest()
        killing = _Killing(ground, market_id, plan, Random(plan.seed), [])
        with (
            step(console, f"Settling, with {plan.kills} kills", total=plan.bets) as tell,
            Passersby(ground, crowd, others, plan.seed) as around,
        ):
            _kill_while_planning(killing)
            _kill_while_paying(killing, tell)
        _tell_kills(killing, around, console)
        wrong = [*around.wrong, *compare(ground.owner, market_id=market_id, outcome=Outcome.YES)]
        if len(killing.at) < plan.kills:
            wrong.append(f"only {len(killing.at)} kills before everything was paid")
        for words in wrong[:10]:
            console.print(f"WRONG {words}", markup=False, highlight=False)
        if not wrong:
            console.print("Every line was paid once, to the cent of an independent computation.")
        return 1 if show_verdict(ground, console) or wrong else 0


def _kill_while_planning(killing: _Killing) -> None:
    """Kill the operator's command around the moment at which it freezes the plan.

    The last of them is killed only after that, so that from then on it is the worker's turn.
    """
    least = max(1, killing.plan.kills * _WHILE_PLANNING_OF_HUNDRED // 100)
    while not killing.is_frozen():
        process = _Process(killing.ground, "market", "resolve", str(killing.market_id),
                           "--by", RESOLVER)  # fmt: skip
        if len(killing.at) + 1 < least:
            time.sleep(killing.rng.uniform(0.5, 2.5))
        else:
            _await(killing.is_frozen, process)
            time.sleep(killing.rng.uniform(0, 0.2))
        process.is_killed()
        killing.at.append(killing.lines_done())


def _kill_while_paying(killing: _Killing, tell: Callable[[int], None]) -> None:
    left = killing.plan.kills - len(killing.at)
    done = killing.lines_done()
    # One for each equal part of what is left, at a random place in it.
    part = (killing.plan.bets - done) / max(left, 1)
    for number in range(left):
        place = done + int(part * (number + killing.rng.random()) * 0.98)
        worker = _start_worker(killing.ground)
        _await(lambda place=place: killing.lines_done() >= place, worker)  # type: ignore[misc]
        time.sleep(killing.rng.uniform(0, 0.05))
        worker.is_killed()
        killing.at.append(killing.lines_done())
        tell(killing.at[-1])
    worker = _start_worker(killing.ground)
    _await(killing.is_finished, worker)
    worker.is_killed()


def _start_worker(ground: Ground) -> "_Process":
    with ground.owner.begin() as connection:
        connection.execute(_A_MINUTE_LATER)
    return _Process(ground, "worker")


class _Process:
    def __init__(self, ground: Ground, *words: str) -> None:
        self._log = ground.household.log_path(name="killed")
        self._process = ground.household.start(
            name="killed",
            kind="service",
            command=[sys.executable, "-m", "flask", "--app", "app", *words],
            environment=ground.environment,
        )

    def is_killed(self) -> None:
        """SIGKILL the whole group, as a machine that loses its power does."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


def _await(holds: Callable[[], bool], process: _Process) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, process.last_words()
        time.sleep(_POLL_SECONDS)


def _tell_kills(killing: _Killing, around: Passersby, console: Console) -> None:
    inside = sum(0 < done < killing.plan.bets for done in killing.at)
    console.print(
        f"Killed {len(killing.at)} times, {inside} of them between the first and the last payout,"
        f" after so many of {killing.plan.bets:,} lines:"
        f" {', '.join(f'{done:,}' for done in killing.at)}. Meanwhile {around.saw['bets']:,} bets"
        f" and {around.saw['deposits']:,} deposits.",
        highlight=False,
    )
