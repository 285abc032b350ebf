"""What happens a moment later: callbacks, reports and time-outs, on threads of their own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

Action = Callable[[], None]


@dataclass(eq=False, slots=True)
class Delayed:
    """An action that has been asked for; cancelling it after it began does nothing."""

    action: Action
    after_seconds: float
    owner: "Deliveries"
    timer: threading.Timer = field(init=False)

    def __post_init__(self) -> None:
        self.timer = threading.Timer(self.after_seconds, self._run)
        self.timer.daemon = True

    def start(self) -> None:
        """Let the delay begin."""
        self.timer.start()

    def cancel(self) -> None:
        """Do not run the action, if it has not begun; repeated, change nothing."""
        self.timer.cancel()
        self.owner.forget(self)

    def _run(self) -> None:
        try:
            self.action()
        finally:
            self.owner.forget(self)


class Deliveries:
    """Runs actions later and knows which deliveries are still due."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._due: set[Delayed] = set()
        self._timeouts: set[Delayed] = set()

    def promise(self, action: Action, *, after_seconds: float) -> Delayed:
        """Count a delivery as due from now on; its delay begins with `start()`."""
        delayed = Delayed(action=action, after_seconds=after_seconds, owner=self)
        with self._changed:
            self._due.add(delayed)
        return delayed

    def deliver(self, action: Action, *, after_seconds: float) -> None:
        """Run a delivery after the delay; until it is done, nobody is idle."""
        self.promise(action, after_seconds=after_seconds).start()

    def time_out(self, action: Action, *, after_seconds: float) -> Delayed:
        """Run an action unless it is cancelled before; it does not count as due."""
        delayed = Delayed(action=action, after_seconds=after_seconds, owner=self)
        with self._changed:
            self._timeouts.add(delayed)
        delayed.start()
        return delayed

    def wait_until_idle(self, *, timeout_seconds: float) -> bool:
        """Wait until no delivery is due; False when the time is over before that."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._due, timeout=timeout_seconds)

    def cancel_all(self) -> None:
        """Drop everything that has not begun."""
        with self._changed:
            everything = [*self._due, *self._timeouts]
        for delayed in everything:
            delayed.cancel()

    def forget(self, delayed: Delayed) -> None:
        """Note that an action is done or dropped."""
        with self._changed:
            self._due.discard(delayed)
            self._timeouts.discard(delayed)
            self._changed.notify_all()
