"""Many phones at once, each a player who bets, errs, is cut off and checks what it is told."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from random import Random

from rich.console import Console

from bench.phones.caller import Caller, Lost
from bench.phones.ending import settle
from bench.phones.handset import Handset
from bench.phones.joining import join
from bench.phones.journeys import play
from bench.phones.postman import Postman
from bench.phones.progress import Watching
from bench.phones.report import Figures, show
from bench.phones.service import Service
from bench.phones.tally import Kind, Tally
from bench.phones.wallet import Wallet
from bench.phones.wire import Wire

MOST_PHONES = 1000
# Before and after the phones, for the comparison, with as many callers at once.
_SHARE_FOR_HEALTH = 0.1
_SHORTEST_HEALTH_SECONDS = 1.0
# Ten thousand neighbours share a budget of codes, as no crowd of strangers does.
_FIRST_NUMBER, _APART = 254_710_000_000, 10_007
_FIRST_NAMES = ("Wanjiru", "Otieno", "Achieng", "Kiprono", "Naliaka", "Mwende", "Hassan", "Njeri")
_LAST_NAMES = ("Kamau", "Odhiambo", "Wekesa", "Mutua", "Chebet", "Abdi", "Kariuki", "Nyambura")


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """How many phones, for how long, how long a person thinks over a page, and which seed."""

    phones: int
    seconds: float
    pause_seconds: float
    seed: int


def run(plan: Plan, service: Service, console: Console) -> int:
    """Load the service, print what happened, and return 1 where anything was wrong."""
    wire = Wire(service=service.url, simulator=service.simulator_url, phones=plan.phones)
    tally = Tally()
    # Kenya's networks take a second to call back; here nobody waits for effect.
    wire.order("PUT", "/settings", callback_delay_seconds=0)
    with ExitStack() as stack:
        crowd = stack.enter_context(ThreadPoolExecutor(plan.phones))
        side_line = stack.enter_context(ThreadPoolExecutor(plan.phones))
        postman = stack.enter_context(Postman(wire))
        watching = stack.enter_context(Watching(console, tally, seconds=plan.seconds))
        watching.phase("GET /healthz")
        _measure_health(plan, wire, tally, crowd)
        figures, callers = _day(plan, wire, tally, postman, watching, crowd, side_line)
        watching.phase("GET /healthz")
        _measure_health(plan, wire, tally, crowd)
        watching.phase("coming to rest")
        settle(callers, wire=wire, postman=postman, tally=tally, crowd=crowd)
    _check_from_inside(service, tally, console)
    show(console, tally, figures)
    return 1 if tally.wrong else 0


def _day(
    plan: Plan,
    wire: Wire,
    tally: Tally,
    postman: Postman,
    watching: Watching,
    crowd: Executor,
    side_line: Executor,
) -> tuple[Figures, list[Caller]]:
    """Let everybody play until time is up."""
    began = time.monotonic()

    def time_is_up() -> bool:
        return time.monotonic() - began > plan.seconds

    callers = [
        _caller(plan, number, wire, tally, postman, side_line, time_is_up)
        for number in range(plan.phones)
    ]
    watching.phase("phones")
    watching.until_done([crowd.submit(_live, caller) for caller in callers])
    return Figures(hops=tally.hops, seconds=time.monotonic() - began), callers


def _caller(
    plan: Plan,
    number: int,
    wire: Wire,
    tally: Tally,
    postman: Postman,
    side_line: Executor,
    time_is_up: Callable[[], bool],
) -> Caller:
    rng = Random(f"{plan.seed}:{number}")
    phone = f"+{_FIRST_NUMBER + number * _APART}"
    return Caller(
        name=f"{rng.choice(_FIRST_NAMES)} {rng.choice(_LAST_NAMES)}",
        handset=Handset(phone, wire, tally, rng, side_line, pause_seconds=plan.pause_seconds),
        wallet=Wallet(),
        postman=postman,
        rng=rng,
        tally=tally,
        time_is_up=time_is_up,
    )


def _live(caller: Caller) -> None:
    """Join, then play; what leads nowhere is found wrong, and the next journey begins."""
    handset = caller.handset
    handset.wire.order("PUT", f"/handsets/{handset.number}", next_answer="approve", sticky=True)
    try:
        caller.joined = join(caller)
    except Lost as error:
        handset.found(str(error))
        return
    while caller.joined and not caller.time_is_up():
        try:
            play(caller)
        except Lost as error:
            handset.found(str(error))


def _measure_health(plan: Plan, wire: Wire, tally: Tally, crowd: Executor) -> None:
    seconds = max(_SHORTEST_HEALTH_SECONDS, plan.seconds * _SHARE_FOR_HEALTH)
    until = time.monotonic() + seconds

    def ask() -> None:
        while time.monotonic() < until:
            answer = wire.health()
            tally.took(Kind.HEALTH, answer.milliseconds)
            if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
                tally.found("GET /healthz was not answered 200", page=answer.body)

    _finish([crowd.submit(ask) for _ in range(plan.phones)])


def _check_from_inside(service: Service, tally: Tally, console: Console) -> None:
    verified = service.verify_ledger()
    console.print(verified.stdout.strip(), highlight=False)
    if verified.returncode != 0:
        tally.found("ledger verify", page=verified.stdout + verified.stderr)
    for line in service.complaints():
        tally.found("an error in the service's log", page=line)


def _finish(work: Sequence[Future[None]]) -> None:
    for one in work:
        one.result()
