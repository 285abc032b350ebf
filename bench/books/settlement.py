"""One very large market is settled: against bare inserts, and while others go on betting."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from sqlalchemy import text

from bench.books import payouts
from bench.books.bookmaker import RESOLVER, appoint, open_markets, say_how_it_ended
from bench.books.crowd import Crowd, bet, enough_for, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.passersby import Passersby
from bench.books.verifying import show_verdict
from bench.books.watched import watch
from bench.figures import MEBIBYTE, Figure, percentile, show
from bench.steps import step
from core.markets.rules import Outcome

MOST_TIMES, MOST_LOG, MOST_MEBIBYTES, MOST_LATENCY = 13, 3.5, 200, 3
_OTHER_MARKETS = 20
_SHARE_FOR_IDLE = 1 / 50_000
_TOOK = text(
    """
    SELECT extract(epoch FROM s.planned_at - m.resolved_at),
        extract(epoch FROM s.finished_at - m.resolved_at)
    FROM settlement s JOIN market m ON m.id = s.market_id WHERE s.market_id = :market_id
    """
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many bets stand on the one market, of how many players, drawn from which seed."""

    bets: int
    players: int
    seed: int


@dataclass(frozen=True, kw_only=True, slots=True)
class _Settled:
    """What settling one market took; the log's bytes are everybody's."""

    planning_seconds: float
    seconds: float
    log_bytes: int
    peak_bytes: int


def run(plan: Plan, console: Console) -> int:
    """Settle one market alone and one among passers-by; 1 where the books are wrong."""
    with temporary_ground() as ground:
        crowd, (alone, busy, *others) = _prepare(ground, plan, console)
        bare = [_bare(ground, alone, console)]
        quiet = _settle(ground, alone, console)
        bare.append(_bare(ground, alone, console))
        idle = _stroll(ground, crowd, others, plan, console)
        with Passersby(ground, crowd, others, plan.seed + 1) as around:
            among = _settle(ground, busy, console)
        bare.append(_bare(ground, alone, console))
        payouts.drop(ground.owner)
        console.print(f"  before: {dict(idle.saw)}; meanwhile: {dict(around.saw)}", highlight=False)
        show(console, f"Settling {plan.bets:,} bets", _figures(bare, quiet, among, idle, around))
        wrong = [*idle.wrong, *around.wrong]
        for words in wrong[:5]:
            console.print(f"WRONG {words}", markup=False, highlight=False)
        return 1 if show_verdict(ground, console) or wrong else 0


@dataclass(frozen=True, kw_only=True, slots=True)
class _Bare:
    ledger_seconds: float
    sums_seconds: float
    log_bytes: int


def _prepare(ground: Ground, plan: Plan, console: Console) -> tuple[Crowd, list[int]]:
    appoint(ground)
    market_ids = open_markets(ground, count=2 + _OTHER_MARKETS)
    # Every player may have a bet in both markets, and goes on betting.
    each = enough_for(2 * plan.bets, size=plan.players)
    with step(console, f"{plan.players:,} players", total=plan.players) as tell:
        crowd = gather(ground.owner, size=plan.players, each=each, progress=tell)
    for number, market_id in enumerate(market_ids[:2]):
        with step(console, f"{plan.bets:,} bets", total=plan.bets) as tell:
            bet(
                ground.owner,
                crowd=crowd,
                market_ids=[market_id],
                bets=plan.bets,
                seed=plan.seed + 10 * number,
                progress=tell,
            )
        say_how_it_ended(ground, market_id=market_id, outcome=Outcome.YES)
    return crowd, market_ids


def _bare(ground: Ground, market_id: int, console: Console) -> _Bare:
    payouts.clear(ground.owner)
    ground.rest()
    with step(console, "One bare INSERT ... SELECT of the payouts"):
        before = ground.wal_bytes()
        ledger_seconds = payouts.insert_ledger_rows(ground.owner, market_id=market_id)
        log_bytes = ground.wal_bytes() - before
        sums_seconds = payouts.insert_sums(ground.owner, market_id=market_id)
    return _Bare(ledger_seconds=ledger_seconds, sums_seconds=sums_seconds, log_bytes=log_bytes)


def _settle(ground: Ground, market_id: int, console: Console) -> _Settled:
    """By the operator's command, in a process of its own."""
    ground.rest()
    before = ground.wal_bytes()
    with step(console, f"Settling market {market_id}"):
        done = watch(ground.flask("market", "resolve", str(market_id), "--by", RESOLVER))
    assert done.status == 0, done.output
    log_bytes = ground.wal_bytes() - before
    with ground.owner.connect() as connection:
        planning, seconds = connection.execute(_TOOK, {"market_id": market_id}).one()
    return _Settled(
        planning_seconds=float(planning),
        seconds=float(seconds),
        log_bytes=log_bytes,
        peak_bytes=done.peak_bytes,
    )


def _stroll(
    ground: Ground, crowd: Crowd, market_ids: Sequence[int], plan: Plan, console: Console
) -> Passersby:
    """Let passers-by bet while nothing else happens."""
    ground.rest()
    with (
        step(console, "Passers-by alone"),
        Passersby(ground, crowd, market_ids, plan.seed) as around,
    ):
        time.sleep(min(max(10.0, plan.bets * _SHARE_FOR_IDLE), 30.0))
    return around


def _figures(
    bare: Sequence[_Bare], quiet: _Settled, among: _Settled, idle: Passersby, around: Passersby
) -> list[Figure]:
    ledger = median(one.ledger_seconds for one in bare)
    sums = median(one.sums_seconds for one in bare)
    log = median(one.log_bytes for one in bare)
    before, meanwhile = (percentile(who.milliseconds, 0.99) for who in (idle, around))
    peak = max(quiet.peak_bytes, among.peak_bytes) / MEBIBYTE
    return [
        Figure(what="bare: transfers and entries", value=ledger, unit="s"),
        Figure(what="bare: three numbers a payout", value=sums, unit="s"),
        Figure(what="settling alone", value=quiet.seconds, unit="s"),
        Figure(what="  of which planning", value=quiet.planning_seconds, unit="s"),
        Figure(what="settling among passers-by", value=among.seconds, unit="s"),
        Figure(
            what="alone / bare transfers and entries", value=quiet.seconds / ledger, goal=MOST_TIMES
        ),
        Figure(what="alone / bare three numbers", value=quiet.seconds / sums),
        Figure(
            what="log written / bare transfers and entries",
            value=quiet.log_bytes / log,
            goal=MOST_LOG,
        ),
        Figure(what="log written", value=quiet.log_bytes / MEBIBYTE, unit="MiB"),
        Figure(what="memory of the settling process", value=peak, goal=MOST_MEBIBYTES, unit="MiB"),
        Figure(what="p99 of a bet elsewhere, idle", value=before, unit="ms"),
        Figure(what="p99 of a bet elsewhere, meanwhile", value=meanwhile, unit="ms"),
        Figure(what="p99 meanwhile / idle", value=meanwhile / before, goal=MOST_LATENCY),
    ]
