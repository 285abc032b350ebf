"""A ledger of many entries: what it takes to verify it, and whether a hop notices."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from sqlalchemy import text

from bench.books.bookmaker import RESOLVER, appoint, open_markets, say_how_it_ended
from bench.books.cashier import withdraw
from bench.books.crowd import Crowd, bet, enough_for, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.hops import milliseconds_of_hops, running_web
from bench.books.verifying import seal, verify_ledger
from bench.figures import MEBIBYTE, Figure, percentile, show
from bench.steps import step
from core.ledger.groups import INVARIANTS
from core.markets.rules import Outcome
from core.money import kes

_MARKETS = 10
_SETTLED = 5
_BETS_A_PLAYER = 3
MOST_LATENCY = 1.2
_FEW, _FIRST_OF_MANY = 1_000, 20_000_000
_HOP_ROUNDS, _HOP_SECONDS = 7, 5.0
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
        appoint(ground)
        market_ids = open_markets(ground, count=_MARKETS)
        few = gather(ground.owner, size=_FEW, each=kes(100), progress=lambda _done: None)
        copy = ground.copied()
        many = _fill(ground, market_ids, plan, console)
        hops = _compare_hops(ground, copy, few, many, plan, console)
        done = verify_ledger(ground, console)
        console.print(done.output.strip()[-2000:], markup=False, highlight=False)
        with ground.owner.connect() as connection:
            entries = int(connection.execute(_COUNT).scalar_one())
        figures = [
            Figure(what="entries", value=entries, unit=""),
            Figure(what="ledger verify", value=done.seconds, unit="s"),
            Figure(what="a million entries", value=done.seconds * 1e6 / entries, unit="s"),
            Figure(what="memory of the process", value=done.peak_bytes / MEBIBYTE, unit="MiB"),
            *hops,
        ]
        show(console, "ledger verify", figures)
        if plan.each_invariant:
            _time_each(ground, console)
        return 1 if done.status else 0


def _compare_hops(
    ground: Ground,
    copy: dict[str, str],
    few: Crowd,
    many: Crowd,
    plan: Plan,
    console: Console,
) -> list[Figure]:
    """Hops in turn: of a few players on the copy that has only them, of many in the large books."""
    took: dict[str, list[float]] = {"few": [], "many": []}
    with (
        running_web(ground, name="web-few", environment=copy) as web_of_few,
        running_web(ground, name="web-many", environment=ground.environment) as web_of_many,
        step(console, "Hops", total=_HOP_ROUNDS) as tell,
    ):
        sides = (("few", web_of_few, few), ("many", web_of_many, many))
        # The first round loads what the later ones find, and is thrown away.
        for number in range(_HOP_ROUNDS + 1):
            for name, web, crowd in sides if number % 2 else sides[::-1]:
                milliseconds = milliseconds_of_hops(
                    ground, web, crowd, seconds=_HOP_SECONDS, seed=plan.seed + number
                )
                if number:
                    took[name].append(percentile(milliseconds, 0.99))
            tell(number)
    ratios = [large / small for small, large in zip(took["few"], took["many"], strict=True)]
    return [
        Figure(what=f"p99 of a hop, {few.size:,} players", value=median(took["few"]), unit="ms"),
        Figure(what=f"p99 of a hop, {many.size:,} players", value=median(took["many"]), unit="ms"),
        Figure(
            what=f"p99 many / few, median of {_HOP_ROUNDS} rounds",
            value=median(ratios),
            goal=MOST_LATENCY,
        ),
    ]


def _fill(ground: Ground, market_ids: Sequence[int], plan: Plan, console: Console) -> Crowd:
    """About two entries a bet, two a payout, two a deposit of each player, four a withdrawal."""
    bets = int(plan.entries / 3)
    players = max(bets // _BETS_A_PLAYER, 10)
    each = enough_for(bets, size=players) + kes(100)
    with step(console, f"{players:,} players with a deposit", total=players) as tell:
        crowd = gather(
            ground.owner, size=players, each=each, progress=tell, first_number=_FIRST_OF_MANY
        )
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
    seal(ground, console)
    ground.rest()
    return crowd


def _time_each(ground: Ground, console: Console) -> None:
    took: list[tuple[float, str]] = []
    with ground.owner.connect() as connection:
        for name, query in INVARIANTS.items():
            plan = connection.execute(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {query}")).scalar_one()
            took.append((plan[0]["Execution Time"] / 1000, name))
    slowest = sorted(took, reverse=True)[:15]
    figures = [Figure(what=name, value=seconds, unit="s") for seconds, name in slowest]
    show(console, "The slowest invariants", figures)
