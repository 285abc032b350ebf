"""Two clocks in step: whatever falls due, there or here, happens at its own moment."""

import random
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import text

from core.outbox.deliver import Worker
from rehearsal.mortal import Killed
from rehearsal.stage import BEGINS, Stage

_NEXT_JOB = text(
    "SELECT min(greatest(due_at, lease_until)) FROM outbox"
    " WHERE done_at IS NULL AND set_aside_at IS NULL"
)
# A moment that never ends would be a job that asks for itself at once.
_MOST_ROUNDS = 2000


class Restless(Exception):
    """Something is due again and again at the same moment."""


@dataclass
class Clocks:
    """Moves the time of the service and of the simulator, and lets happen what is due."""

    stage: Stage
    rng: random.Random
    kill_rate: float = 0.0
    now: datetime = BEGINS
    steps: int = 0
    _worker: Worker | None = field(default=None)

    def run_until(self, moment: datetime) -> None:
        """Let everything happen that falls due up to a moment, each thing at its own."""
        self.settle()
        while (due := self._next_due()) is not None and due < moment:
            self._move(max(due, self.now))
            self.settle()
        self._move(moment)
        self.settle()

    def settle(self) -> None:
        """Let everything happen that is due now."""
        for _ in range(_MOST_ROUNDS):
            worked = self._work()
            delivered = self.stage.network.advance(self.now)
            if not worked and not delivered:
                return
        raise Restless(f"something is due again and again at {self.now}")

    def _move(self, moment: datetime) -> None:
        self.now = moment
        self.stage.move_clock(moment)
        self.stage.network.advance(moment)

    def _next_due(self) -> datetime | None:
        with self.stage.database.connect() as connection:
            job: datetime | None = connection.execute(_NEXT_JOB).scalar_one()
        return min((due for due in (job, self.stage.network.next_due()) if due), default=None)

    def _work(self) -> int:
        reaper, self.steps = self.stage.reaper, self.steps + 1
        if self._worker is None:
            self._worker = self.stage.wiring.worker()
        if self.rng.random() < self.kill_rate:
            reaper.arm(self.rng.randint(1, _LATEST_POINT))
        # The retries' jitter, which threads of the web server draw from as well.
        random.seed(f"{self.rng.getrandbits(64)}")
        try:
            with reaper.at_work():
                return self._worker.run_due()
        except Killed:
            # A process takes its connections along, with whatever was open on them.
            self._worker = None
            self.stage.database.dispose()
            return 1


# About as many statements and calls as the longest jobs make, and some more.
_LATEST_POINT = 30
