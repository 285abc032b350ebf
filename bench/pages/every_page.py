"""How long each staff page takes among many players, against the simplest page there is."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from rich.console import Console
from rich.table import Table

from bench.books.bookmaker import appoint, open_markets, say_how_it_ended
from bench.books.cashier import withdraw
from bench.books.crowd import Crowd, bet, enough_for, gather
from bench.books.ground import Ground, temporary_ground
from bench.books.hops import running_web
from bench.books.verifying import seal
from bench.figures import percentile
from bench.pages.papers import file_papers
from bench.pages.statements import Statement, StatementLog, plan_of
from bench.pages.visitor import HOME, SIGN_IN, Visitor, shape_of, walk
from bench.steps import step
from core.ledger.sum_days import sum_days
from core.markets.rules import Outcome
from core.money import kes

MOST_MILLISECONDS = 100.0
_OTHER_MARKETS = 40
# Whoever finds one player alone is led to that page.
_ANSWERS = frozenset({200, 303})
_LONGEST_SUMMING_SECONDS = 3600.0
# What no link leads this admin to: a person types it.
SEARCHES = (
    "/admin/markets/101/resolve",
    "/admin/players?find=0710000777",
    "/admin/players?find=0777",
    "/admin/players?find=Wanjiru",
    "/admin/players?find=Nobody",
    "/admin/payments?q=0710000777",
    "/admin/payments?q=CROWD778",
    "/admin/payments?q=1000%20today",
    "/admin/trail?act=player.registered",
    "/admin/trail?act=alarm.*",
    "/admin/trail?by=staff",
    "/admin/trail?subject=player:778",
    "/admin/trail?who=nobody@kibeezy.test",
    "/admin/messages?state=undelivered",
    "/admin/messages?state=unknown",
    "/admin/messages?phone=0710000777",
    "/admin/messages?kind=alarm",
    "/admin/messages?way=in",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many players there are, how many bets on the largest market, how often each is opened."""

    players: int
    bets: int
    rounds: int
    seed: int


@dataclass(slots=True)
class Measured:
    """A page, how long it took each time, and what it asked the database."""

    path: str
    milliseconds: list[float]
    statements: list[Statement]

    @property
    def is_slow(self) -> bool:
        """Whether a person waits for it."""
        return median(self.milliseconds) > MOST_MILLISECONDS


def run(plan: Plan, console: Console) -> int:
    """Fill the books and open each page; 1 where one does not answer."""
    with temporary_ground() as ground:
        fill(ground, plan, console)
        return measure(ground, plan, console)


def fill(ground: Ground, plan: Plan, console: Console) -> Crowd:
    """Players with a deposit, a tenth of them with a withdrawal, bets, and what lies beside."""
    appoint(ground)
    market_ids = open_markets(ground, count=1 + _OTHER_MARKETS)
    others = plan.bets // 4
    each = enough_for(plan.bets + others, size=plan.players) + kes(100)
    with step(console, f"{plan.players:,} players with a deposit", total=plan.players) as tell:
        crowd = gather(ground.owner, size=plan.players, each=each, progress=tell)
    tenth = max(plan.players // 10, 1)
    with step(console, f"{tenth:,} withdrawals", total=tenth) as tell:
        withdraw(ground.owner, crowd=crowd, players=tenth, each=kes(100), progress=tell)
    for bets, ids in ((others, market_ids[1:]), (plan.bets, market_ids[:1])):
        with step(console, f"{bets:,} bets on {len(ids)} markets", total=bets) as tell:
            seed = plan.seed + len(ids)
            bet(
                ground.owner,
                crowd=crowd,
                market_ids=ids,
                bets=bets,
                seed=seed,
                progress=tell,
            )
    with step(console, "SMS, callbacks, audit trail"):
        file_papers(ground.owner, crowd=crowd)
    seal(ground, console)
    with step(console, "Sums of the days"):
        sum_days(ground.database, most_seconds=_LONGEST_SUMMING_SECONDS)
    say_how_it_ended(ground, market_id=market_ids[0], outcome=Outcome.YES)
    with step(console, "Statistics"):
        ground.rest()
    return crowd


def measure(ground: Ground, plan: Plan, console: Console) -> int:
    """Walk through all pages, then open each so often, in turn with the simplest one."""
    with running_web(ground, name="web", environment=ground.environment) as pool:
        visitor, stranger = Visitor(pool), Visitor(pool)
        visitor.enrols(ground)
        paths = [*walk(visitor, begins=[HOME]).values(), *SEARCHES]
        pages = [Measured(path, [], []) for path in paths]
        broken = [page.path for page in pages if visitor.opens(page.path).status not in _ANSWERS]
        pages = [page for page in pages if page.path not in broken]
        simplest: list[float] = []
        with step(console, f"{len(pages)} pages", total=plan.rounds) as tell:
            for number in range(plan.rounds):
                simplest.append(stranger.opens(SIGN_IN).milliseconds)
                for page in pages:
                    page.milliseconds.append(visitor.opens(page.path).milliseconds)
                tell(number)
        with StatementLog(ground) as log:
            for page in pages:
                begun = log.begin()
                visitor.opens(page.path)
                page.statements = log.since(begun)
        show_pages(console, pages, simplest)
        _show_slow(ground, pages, console)
        for path in broken:
            console.print(f"WRONG {path} does not answer", markup=False, highlight=False)
        return 1 if broken else 0


def show_pages(console: Console, pages: Sequence[Measured], simplest: Sequence[float]) -> None:
    """Print each, the slowest first."""
    table = Table(
        "page", "median", "p95", "x sign-in", "SQL", "", title="Staff pages, milliseconds"
    )
    for column in table.columns[1:5]:
        column.justify = "right"
    trivial = median(simplest)
    table.add_row(SIGN_IN, f"{trivial:.1f}", f"{percentile(simplest, 0.95):.1f}", "1.0", "", "")
    for page in sorted(pages, key=lambda each: -median(each.milliseconds)):
        middle = median(page.milliseconds)
        table.add_row(
            page.path if page.path in SEARCHES else shape_of(page.path),
            f"{middle:.1f}",
            f"{percentile(page.milliseconds, 0.95):.1f}",
            f"{middle / trivial:.1f}",
            str(len(page.statements)),
            "SLOW" if page.is_slow else "",
        )
    console.print(table)


def _show_slow(ground: Ground, pages: Sequence[Measured], console: Console) -> None:
    for page in pages:
        if not page.is_slow or not page.statements:
            continue
        slowest = max(page.statements, key=lambda each: each.milliseconds)
        said = f"{page.path}: {slowest.milliseconds:.0f} ms in\n{slowest.words}\n"
        console.print(said + plan_of(ground.owner, slowest), markup=False, highlight=False)
