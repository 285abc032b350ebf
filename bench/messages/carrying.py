"""Thousands of SMS sent by a real worker, against as many callers who only call."""

from dataclasses import dataclass

from rich.console import Console

from bench.books.crowd import gather
from bench.books.ground import temporary_ground
from bench.figures import Figure, percentile, show
from bench.messages.arrivals import Arrivals, arrivals
from bench.messages.measuring import Measured, bare_rate, measure
from bench.messages.processes import running_provider
from bench.messages.queueing import Queue
from bench.steps import step
from core.money import kes

# Set after the first runs: a code must not feel the crowd behind it.
LEAST_SHARE, MOST_LATENCY = 0.25, 3.0
_PLAYERS_A_MESSAGE = 5
_LEAST_PLAYERS = 500


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many messages are queued."""

    messages: int

    @property
    def players(self) -> int:
        """To how many phones they go."""
        return max(self.messages // _PLAYERS_A_MESSAGE, _LEAST_PLAYERS)


def run(plan: Plan, console: Console) -> int:
    """Queue, send, and count what arrived; 1 where something arrived twice or never."""
    with temporary_ground() as ground, running_provider(ground) as provider:
        crowd = gather(ground.owner, size=plan.players, each=kes(100), progress=lambda _: None)
        queue = Queue(ground, crowd)
        queue.opens_at_noon()
        bare = [bare_rate(queue, provider, plan.messages, console)]
        with step(console, f"{plan.messages:,} messages queued", total=plan.messages) as tell:
            queue.fills(plan.messages, progress=tell)
        ground.rest()
        begin = len(provider.messages())
        measured = measure(queue, provider, plan.messages, console)
        messages = provider.messages()[begin:]
        found = arrivals(ground.owner, messages, in_order=measured.arrived - begin)
        bare.append(bare_rate(queue, provider, plan.messages, console))
        title = f"{plan.messages:,} SMS through one worker"
        show(console, title, _figures(plan, measured, found, bare))
        for words in (*measured.wrong, *found.wrong[:5]):
            console.print(f"WRONG {words}", markup=False, highlight=False)
        if measured.wrong or found.wrong:
            return 1
        console.print("Each arrived once, and was reported as delivered.", highlight=False)
        return 0


def _figures(plan: Plan, measured: Measured, found: Arrivals, bare: list[float]) -> list[Figure]:
    rate, calls = plan.messages / measured.seconds, sum(bare) / len(bare)
    busy, idle = (percentile(each, 0.99) for each in (measured.busy_codes, measured.idle_codes))
    return [
        Figure(what="worker", value=rate, unit="SMS/s"),
        Figure(what="bare calls, before and after", value=calls, unit="calls/s"),
        Figure(
            what="worker / bare calls", value=rate / calls, goal=LEAST_SHARE, more_is_better=True
        ),
        Figure(
            what="sent before something more urgent",
            value=100 * found.too_soon / plan.messages,
            goal=0,
            unit="%",
        ),
        Figure(what="p99 of a code, while nothing else is sent", value=1000 * idle, unit="ms"),
        Figure(what="p99 of a code, meanwhile", value=1000 * busy, unit="ms"),
        Figure(what="meanwhile / nothing else", value=busy / idle, goal=MOST_LATENCY),
        *(
            Figure(what=f"statements of the {name}, a message", value=count, unit="")
            for name, count in measured.statements.items()
        ),
        *(
            Figure(what=f"processor of {name}, a message", value=spent, unit="ms")
            for name, spent in measured.processor_ms.items()
        ),
    ]
