"""The callback of a push: when it comes, in which order, and how often."""

import json
import random
import threading
from dataclasses import dataclass
from functools import partial

from simulator.daraja.callbacks import Callbacks
from simulator.daraja.refusals import GATEWAY_PAGE
from simulator.daraja.stk_bodies import body_of, garbled, misworded
from simulator.daraja.stk_results import CANCELLED, EXPIRED, NO_ANSWER, SUCCESS, Result
from simulator.daraja.transactions import Transaction
from simulator.deliveries import Action, Delayed, Deliveries
from simulator.faults import Fault, Faults
from simulator.known_faults import FAULTS
from simulator.settings import Settings

_EARLY = frozenset({"before_ack"})
# What can go wrong whatever the result says; the rest takes a payment.
_FOR_EVERY_RESULT = frozenset(
    {
        "drop",
        "delay",
        "duplicate",
        "reorder",
        "string_code",
        "unknown_code",
        "unknown_checkout_id",
        "truncated",
        "invalid_json",
        "html",
    }
)
_FOR_A_PAYMENT = frozenset(FAULTS["callback"]) - _EARLY
_BEFORE_LATE_SUCCESS = (NO_ANSWER, CANCELLED, EXPIRED)


@dataclass(eq=False, frozen=True, slots=True)
class _Held:
    """A callback that waits for the one that follows it."""

    post: Action
    latest: Delayed


class StkCallbacks:
    """Lets the merchant hear what became of a push, as the fault in force has it."""

    def __init__(
        self,
        *,
        settings: Settings,
        chance: random.Random,
        faults: Faults,
        deliveries: Deliveries,
        callbacks: Callbacks,
    ) -> None:
        self._settings = settings
        self._chance = chance
        self._faults = faults
        self._deliveries = deliveries
        self._callbacks = callbacks
        self._lock = threading.Lock()
        self._held: list[_Held] = []

    def comes_before_the_answer(self) -> bool:
        """Tell, using up the fault, whether the push's answer must wait for its callback."""
        return self._faults.take("callback", among=_EARLY) is not None

    def post_now(self, transaction: Transaction, result: Result) -> None:
        """Post a result on the calling thread, which may not hold the phones' lock."""
        self._callbacks.post(
            transaction.order.callback_url, json.dumps(body_of(transaction, result))
        )

    def schedule(self, transaction: Transaction, result: Result) -> None:
        """Let the merchant hear of a result after the usual delay, or as the fault has it."""
        able = _FOR_A_PAYMENT if result is SUCCESS else _FOR_EVERY_RESULT
        fault = self._faults.take("callback", among=able)
        match fault:
            case Fault(name="late_success", seconds=seconds):
                first = self._chance.choice(_BEFORE_LATE_SUCCESS)
                self._answer_first(transaction, first)
                self._deliver(
                    partial(self._succeed_late, transaction),
                    after_seconds=self._delay(first) + seconds,
                )
            case Fault(name="failure_after_success", seconds=seconds):
                self._deliver(self._action(transaction, result), after_seconds=self._delay(result))
                self._deliver(
                    self._action(transaction, NO_ANSWER),
                    after_seconds=self._delay(result) + seconds,
                )
            case Fault(name="delay", seconds=seconds):
                self._deliver(self._action(transaction, result), after_seconds=seconds)
            case Fault(name="reorder", seconds=seconds):
                self._hold(self._action(transaction, result), seconds=seconds)
            case _:
                self._deliver(
                    self._action(transaction, result, fault), after_seconds=self._delay(result)
                )

    def clear(self) -> None:
        """Forget what waits for another."""
        with self._lock:
            self._held.clear()

    def _answer_first(self, transaction: Transaction, failure: Result) -> None:
        transaction.result = failure
        self._deliver(self._action(transaction, failure), after_seconds=self._delay(failure))

    def _succeed_late(self, transaction: Transaction) -> None:
        transaction.result = SUCCESS
        self.post_now(transaction, SUCCESS)

    def _delay(self, result: Result) -> float:
        late = self._settings.timeout_callback_delay_seconds
        if late is not None and result.code == NO_ANSWER.code:
            return late
        return self._settings.callback_delay_seconds

    def _action(
        self, transaction: Transaction, result: Result, fault: Fault | None = None
    ) -> Action:
        name = fault.name if fault else ""
        copies = fault.copies if fault else 1
        url = transaction.order.callback_url
        text = garbled(json.dumps(misworded(body_of(transaction, result), name)), name)
        match name:
            case "drop":
                return partial(self._callbacks.post, url, text, way="drop")
            case "duplicate":
                return partial(self._callbacks.post, url, text, way="duplicate", copies=copies)
            case "html":
                return partial(self._callbacks.post, url, GATEWAY_PAGE, content_type="text/html")
            case _:
                return partial(self._callbacks.post, url, text)

    def _deliver(self, post: Action, *, after_seconds: float) -> None:
        self._deliveries.deliver(partial(self._post, post), after_seconds=after_seconds)

    def _post(self, post: Action) -> None:
        with self._lock:
            waiting, self._held = self._held, []
        post()
        for held in waiting:
            held.latest.cancel()
            held.post()

    def _hold(self, post: Action, *, seconds: float) -> None:
        latest = self._deliveries.promise(partial(self._release, post), after_seconds=seconds)
        with self._lock:
            self._held.append(_Held(post, latest))
        latest.start()

    def _release(self, post: Action) -> None:
        with self._lock:
            waits = any(held.post is post for held in self._held)
            self._held = [held for held in self._held if held.post is not post]
        if waits:
            post()
