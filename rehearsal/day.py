"""Plays the days of one seed from the first call to the last law."""

import heapq
import time
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count
from random import Random
from typing import Final

from laptop.engines import Engines
from payments.statement_desk import begin
from rehearsal.clocks import Clocks
from rehearsal.counter import Counter as FinanceDesk
from rehearsal.habits import day_of
from rehearsal.laws import broken_at_the_end, broken_in_the_books
from rehearsal.player import Player, phone_of
from rehearsal.rates import rates
from rehearsal.staff import Staff, hire
from rehearsal.stage import BEGINS, Stage, open_stage
from rehearsal.tally import Tally
from rehearsal.telephone import Telephone

# As observed or documented (daraja.md §2 to §4); the simulator's README names each.
_AS_OBSERVED: Final = {
    "subscriber_lock_seconds": 60,
    "same_amount_seconds": 120,
    "timeout_callback_delay_seconds": 12,
    "query_window_seconds": 17,
    "enforce_query_rate": True,
    "c2b_for_stk": True,
}
_ATTACKS: Final = (
    "no_token",
    "guessed_token",
    "guessed_checkout_id",
    "spoofed_address",
    "stranger_with_token",
    "replay",
    "cross_payment_replay",
)
_ATTACKS_A_DAY: Final = 6
_REPEATS_A_DAY: Final = 8
_MARKETS: Final = 3
_KILL_RATE: Final = 0.02
# The last question about anything is asked a day later, and gets its time to be answered.
QUIET_HOURS: Final = 30
Watch = Callable[[datetime], None]


@dataclass(frozen=True)
class Plan:
    """How long and how many; everything else comes from the seed."""

    days: int = 1
    players: int = 12


def play(engines: Engines, plan: Plan, *, seed: int, watch: Watch = lambda _: None) -> Tally:
    """Play one seed. What was wrong is in the tally; the day ends where a law is broken."""
    began, tally = time.monotonic(), Tally(seed)
    with open_stage(engines, seed=seed) as stage:
        day = _Day(stage, plan, seed, watch)
        try:
            tally.wrong += day.lives()
        except Exception as error:  # noqa: BLE001 - whatever breaks is this seed's finding
            trace = "".join(traceback.format_exception(error))
            tally.wrong.append(f"broke at {day.clocks.now}:\n{trace}")
        tally.wrong += stage.complaints.unexpected
        tally.reads(stage, day.acts)
    tally.seconds = time.monotonic() - began
    return tally


class _Day:
    def __init__(self, stage: Stage, plan: Plan, seed: int, watch: Watch) -> None:
        self.acts: Counter[str] = Counter()
        self.clocks = Clocks(stage, Random(f"{seed}:clocks"))
        self._stage, self._plan, self._seed, self._watch = stage, plan, seed, watch
        self._rng = Random(f"{seed}:day")
        self._taxes = Random(f"{seed}:taxes")
        self._markets: list[int] = []
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._numbers = count()
        client = stage.app.test_client()
        self._players = [
            Player(
                number,
                Telephone(client, phone_of(number), Random(f"{seed}:{number}:phone")),
                stage.network,
                Random(f"{seed}:{number}"),
                self.acts,
                self._markets,
            )
            for number in range(1, plan.players + 1)
        ]

    def lives(self) -> list[str]:
        """Set up, play, come to rest; what is wrong."""
        staff = self._sets_up()
        desk = FinanceDesk(staff)
        midnight = BEGINS.replace(hour=0)
        for day in range(self._plan.days):
            self._plans(midnight + timedelta(days=day), staff, desk)
        last = midnight + timedelta(days=self._plan.days)
        self._stage.network.put("/chance", rates=rates(self._seed))
        self.clocks.kill_rate = _KILL_RATE
        wrong = self._plays_until(last)
        self.clocks.kill_rate = 0
        self._stage.reaper.spare()
        self._stage.network.put("/chance", rates={})
        wrong = wrong or self._plays_until(last + timedelta(hours=QUIET_HOURS))
        if wrong:
            return wrong
        desk.imports_the_statement()
        desk.looks_after_everything()
        self.clocks.run_until(self.clocks.now + timedelta(hours=1))
        return broken_in_the_books(self._stage) + broken_at_the_end(self._stage)

    def _sets_up(self) -> Staff:
        stage, clocks = self._stage, self.clocks
        digits = self._rng.choice(("text", "service_code"))
        validated = self._rng.random() < 0.3  # noqa: PLR2004 - a chance
        settings = {**_AS_OBSERVED, "dialled_digits": digits, "c2b_validation": validated}
        stage.network.put("/settings", **settings)
        begin(stage.database)
        staff = hire(stage, counts_from=BEGINS + timedelta(minutes=5))
        for _ in range(_MARKETS):
            self._markets.append(staff.opens_a_market(self._rng))
        for player in self._players:
            player.registers()
        clocks.run_until(BEGINS + timedelta(minutes=6))
        # The last one pays before the number is verified, and verifies it at noon.
        for player in self._players[:-1]:
            player.verifies()
        return staff

    def _plans(self, midnight: datetime, staff: Staff, desk: FinanceDesk) -> None:
        for player in self._players:
            for planned in day_of(player, midnight):
                self._at(planned.at, planned.act)
        late = self._players[-1]
        self._at(midnight + timedelta(hours=12), late.asks_for_a_code)
        self._at(midnight + timedelta(hours=12, minutes=1), late.verifies)
        self._at(midnight + timedelta(hours=11), lambda: self._ends_a_market(staff))
        for hour in (7, 13, 19):
            changes = midnight + timedelta(hours=hour, minutes=self._taxes.randrange(60))
            self._at(changes, lambda: staff.changes_the_excise(self._taxes))
        for hour in range(8, 24, 2):
            self._at(midnight + timedelta(hours=hour, minutes=5), desk.looks_after_everything)
        self._at(midnight + timedelta(hours=20, minutes=30), desk.imports_the_statement)
        for times, act in ((_ATTACKS_A_DAY, self._attacks), (_REPEATS_A_DAY, self._repeats)):
            for _ in range(times):
                seconds = self._rng.randrange(7 * 3600, 24 * 3600)
                self._at(midnight + timedelta(seconds=seconds), act)

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._numbers), act))

    def _plays_until(self, end: datetime) -> list[str]:
        """Do what is planned, hour by hour; stops where a law is broken."""
        hour = self.clocks.now.replace(minute=0, second=0, microsecond=0)
        while hour < end:
            hour += timedelta(hours=1)
            while self._agenda and self._agenda[0][0] < min(hour, end):
                moment, _, act = heapq.heappop(self._agenda)
                self.clocks.run_until(max(moment, self.clocks.now))
                act()
            self.clocks.run_until(hour)
            self._watch(hour)
            wrong = broken_in_the_books(self._stage)
            if wrong:
                return [f"{hour:%d/%m %H:%M} {what}" for what in wrong]
        return []

    def _ends_a_market(self, staff: Staff) -> None:
        staff.ends_a_market(self._markets.pop(0), self._rng)
        self._markets.append(staff.opens_a_market(self._rng))

    def _attacks(self) -> None:
        """Somebody who is not M-Pesa calls; where there is nothing to attack, he does not."""
        self._stage.network.post("/attack", kind=self._rng.choice(_ATTACKS))

    def _repeats(self) -> None:
        """A callback comes again, hours later; one that was lost comes for the first time."""
        known = self._stage.network.callbacks()
        if known:
            number = self._rng.randint(1, known)
            self._stage.network.post(f"/callbacks/{number}/repeat", times=2)
