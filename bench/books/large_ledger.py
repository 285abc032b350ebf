"""A ledger of many entries, and what it takes to verify it."""

from dataclasses import dataclass

from rich.console import Console
from sqlalchemy import text

from bench.books.bookmaker import RESOLVER, appoint, open_markets, say_how_it_ended
from bench.books.cashier import withdraw
from bench.books.crowd import bet, enough_for, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.verifying import verify_ledger
from bench.figures import Figure, show
from bench.steps import step
from core.ledger.invariants import INVARIANTS
from core.markets.rules import Outcome
from core.money import kes

_MARKETS = 10
_SETTLED = 5
_BETS_A_PLAYER = 4
_MEBIBYTE = 1024**2
_COUNT = text("SELECT count(*) FROM entry")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many entries there are at least, whether each invariant is timed, and which seed."""

    entries: int
    each_invariant: bool
    seed: int


def run(plan: Plan, console: Console) -> int:
    """Fill the books and verify them; 1 where they are wrong."""
    with temporary_ground() as ground:
        _fill(ground, plan, console)
        done = verify_ledger(ground, console)
        console.print(done.output.strip()[-2000:], markup=False, highlight=False)
        with ground.owner.connect() as connection:
            entries = int(connection.execute(_COUNT).scalar_one())
        figures = [
            Figure(what="entries", value=entries, unit=""),
            Figure(what="ledger verify", value=done.seconds, unit="s"),
            Figure(what="a million entries", value=done.seconds * 1e6 / entries, unit="s"),
            Figure(what="memory of the process", value=done.peak_bytes / _MEBIBYTE, unit="MiB"),
        ]
        show(console, "ledger verify", figures)
        if plan.each_invariant:
            _time_each(ground, console)
        return 1 if done.status else 0


def _fill(ground: Ground, plan: Plan, console: Console) -> None:
    """About two entries a bet, two a payout, two a deposit of each player, four a withdrawal."""
    bets = int(plan.entries / 3)
    players = max(bets // _BETS_A_PLAYER, 10)
    appoint(ground)
    market_ids = open_markets(ground, count=_MARKETS)
    each = enough_for(bets, size=players) + kes(100)
    with step(console, f"{players:,} players with a deposit", total=players) as tell:
        crowd = gather(ground.owner, size=players, each=each, progress=tell)
    with step(console, f"{players // 10:,} withdrawals", total=players // 10) as tell:
        withdraw(ground.owner, crowd=crowd, players=players // 10, each=kes(100), progress=tell)
    with step(console, f"{bets:,} bets", total=bets) as tell:
        bet(
            ground.owner,
            crowd=crowd,
            market_ids=market_ids,
            bets=bets,
            seed=plan.seed,
            progress=tell,
        )
    for market_id in market_ids[:_SETTLED]:
        say_how_it_ended(ground, market_id=market_id, outcome=Outcome.YES)
        with step(console, f"Settling market {market_id}"):
            done = ground.flask("market", "resolve", str(market_id), "--by", RESOLVER)
            output, _nothing = done.communicate()
        assert done.returncode == 0, output
    ground.rest()


def _time_each(ground: Ground, console: Console) -> None:
    took: list[tuple[float, str]] = []
    with ground.owner.connect() as connection:
        for name, query in INVARIANTS.items():
            plan = connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")).scalar_one()
            took.append((plan[0]["Execution Time"] / 1000, name))
    slowest = sorted(took, reverse=True)[:15]
    figures = [Figure(what=name, value=seconds, unit="s") for seconds, name in slowest]
    show(console, "The slowest invariants", figures)
