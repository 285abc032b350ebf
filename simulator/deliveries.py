"""What happens a moment later: callbacks, reports and time-outs, by the clock."""

import heapq
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from simulator.clock import Clock

Action = Callable[[], object]


@dataclass(eq=False, kw_only=True, slots=True)
class Delayed:
    """An action that has been asked for; cancelling it after it began does nothing."""

    action: Action
    after_seconds: float
    number: int
    owner: "Deliveries"
    due_at: datetime | None = None

    def start(self) -> None:
        """Let the delay begin; repeated, change nothing."""
        self.owner.start(self)

    def cancel(self) -> None:
        """Do not run the action, if it has not begun; repeated, change nothing."""
        self.owner.cancel(self)

    def __lt__(self, other: "Delayed") -> bool:
        return self._place() < other._place()

    def _place(self) -> tuple[datetime, int]:
        assert self.due_at is not None
        return self.due_at, self.number


class Deliveries:
    """Runs actions later and knows which deliveries are still due.

    While the clock runs, each runs on a thread of its own, which begins when it is due: a slow
    receiver keeps nobody else waiting. While it stands, `advance_to` runs what falls due on the
    thread that asks, by due time and then by the order of asking.
    """

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        lock = threading.RLock()
        self._changed = threading.Condition(lock)
        self._agenda_changed = threading.Condition(lock)
        self._timekeeper: threading.Thread | None = None
        self._advancing = threading.Lock()
        self._numbers = count(1)
        self._due: set[Delayed] = set()
        self._not_begun: set[Delayed] = set()
        self._agenda: list[Delayed] = []

    def promise(self, action: Action, *, after_seconds: float) -> Delayed:
        """Count a delivery as due from now on; its delay begins with `start()`.

        By a standing clock it begins here, so that the order does not hang on a thread.
        """
        with self._changed:
            delayed = self._new(action, after_seconds)
            self._due.add(delayed)
            if self._clock.stands:
                self._begin(delayed)
            return delayed

    def deliver(self, action: Action, *, after_seconds: float) -> None:
        """Run a delivery after the delay; until it is done, nobody is idle."""
        self.promise(action, after_seconds=after_seconds).start()

    def time_out(self, action: Action, *, after_seconds: float) -> Delayed:
        """Run an action unless it is cancelled before; it does not count as due."""
        with self._changed:
            delayed = self._new(action, after_seconds)
            self._begin(delayed)
            return delayed

    def wait_until_idle(self, *, timeout_seconds: float) -> bool:
        """Wait until no delivery is due; False when the time is over before that."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due, timeout=timeout_seconds)

    def next_due(self) -> datetime | None:
        """Return when the next action falls due; None where there is none."""
        with self._changed:
            return min((each.due_at for each in self._not_begun if each.due_at), default=None)

    def stand(self, moment: datetime) -> None:
        """Let the clock stand at a moment; what is under way keeps its remaining delay."""
        with self._changed:
            self._rebase(lambda: self._clock.stand(moment))

    def run(self) -> None:
        """Let the clock follow the machine again; what is under way keeps its remaining delay."""
        with self._changed:
            self._rebase(self._clock.run)

    def advance_to(self, moment: datetime) -> int:
        """Move the standing clock, running what falls due on the way; return how many ran.

        Each action reads its own due time on the clock. What an action raises is raised here,
        with the clock standing at that action.
        """
        with self._advancing:
            ran = 0
            while (delayed := self._next_until(moment)) is not None:
                self._run(delayed)
                ran += 1
            self._clock.stand(max(moment, self._clock.now()))
            return ran

    def cancel_all(self) -> None:
        """Drop everything that has not begun."""
        with self._changed:
            for delayed in [*self._not_begun]:
                self.cancel(delayed)

    def start(self, delayed: Delayed) -> None:
        """Let the delay of a promise begin; repeated or cancelled, change nothing."""
        with self._changed:
            if delayed in self._not_begun and delayed.due_at is None:
                self._begin(delayed)

    def cancel(self, delayed: Delayed) -> None:
        """Drop an action that has not begun; repeated, change nothing."""
        with self._changed:
            if delayed in self._not_begun:
                self._not_begun.discard(delayed)
                self._agenda_changed.notify()
                self._forget(delayed)

    def _new(self, action: Action, after_seconds: float) -> Delayed:
        delayed = Delayed(
            action=action, after_seconds=after_seconds, number=next(self._numbers), owner=self
        )
        self._not_begun.add(delayed)
        return delayed

    def _begin(self, delayed: Delayed) -> None:
        self._schedule(delayed, self._clock.now() + timedelta(seconds=delayed.after_seconds))

    def _schedule(self, delayed: Delayed, moment: datetime) -> None:
        delayed.due_at = moment
        heapq.heappush(self._agenda, delayed)
        if self._clock.stands:
            return
        if self._timekeeper is None:
            self._timekeeper = threading.Thread(target=self._keep_time, daemon=True)
            self._timekeeper.start()
        elif self._agenda[0] is delayed:
            self._agenda_changed.notify()

    def _rebase(self, change_clock: Action) -> None:
        before = self._clock.now()
        change_clock()
        passed = self._clock.now() - before
        self._agenda.clear()
        for delayed in sorted(each for each in self._not_begun if each.due_at):
            assert delayed.due_at is not None
            self._schedule(delayed, delayed.due_at + passed)
        self._agenda_changed.notify()

    def _keep_time(self) -> None:
        """Start what falls due by the machine's clock, until nothing more is to come by it."""
        while (delayed := self._await_due()) is not None:
            threading.Thread(target=self._run, args=[delayed], daemon=True).start()

    def _await_due(self) -> Delayed | None:
        with self._changed:
            while (first := self._first()) is not None and not self._clock.stands:
                assert first.due_at is not None
                wait_seconds = (first.due_at - self._clock.now()).total_seconds()
                if wait_seconds <= 0:
                    return self._begun()
                self._agenda_changed.wait(wait_seconds)
            self._timekeeper = None
            return None

    def _first(self) -> Delayed | None:
        while self._agenda and self._agenda[0] not in self._not_begun:
            heapq.heappop(self._agenda)
        return self._agenda[0] if self._agenda else None

    def _begun(self) -> Delayed:
        delayed = heapq.heappop(self._agenda)
        self._not_begun.discard(delayed)
        return delayed

    def _next_until(self, moment: datetime) -> Delayed | None:
        with self._changed:
            first = self._first()
            if first is None or not self._clock.stands:
                return None
            if first.due_at is None or first.due_at > moment:
                return None
            # The clock may already be past what was asked for while another action ran.
            self._clock.stand(max(first.due_at, self._clock.now()))
            return self._begun()

    def _run(self, delayed: Delayed) -> None:
        try:
            delayed.action()
        finally:
            with self._changed:
                self._forget(delayed)

    def _forget(self, delayed: Delayed) -> None:
        self._due.discard(delayed)
        self._changed.notify_all()
