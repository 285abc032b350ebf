"""What stands in front of M-Pesa: it lets requests in, acknowledges them, and loses answers."""

import threading
from collections.abc import Callable, Collection
from functools import partial, wraps
from typing import ParamSpec

from flask import Response

from simulator.daraja.access import Access, Product
from simulator.daraja.push import hang_up
from simulator.daraja.refusals import (
    GATEWAY_PAGE,
    INTERNAL_ERROR,
    INVALID_ACCESS_TOKEN_400,
    SYSTEM_BUSY,
    Refusal,
    Refused,
    invalid,
    json_answer,
    throttled,
)
from simulator.daraja.results import Letter, Results
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.known_faults import Place

Arguments = ParamSpec("Arguments")


class _Throttle(Refusal):
    def answer(self) -> Response:
        """Return the throttle's own envelope."""
        return throttled()


_REFUSALS: dict[str, Refusal] = {
    "busy": SYSTEM_BUSY,
    "spike": _Throttle(429, "policies.ratelimit.SpikeArrestViolation", "Spike arrest violation."),
    # The code was seen by others for an app without the product; the words are ours.
    "not_enabled": Refusal(403, "403.002.1001", "The product is not enabled for this app"),
    "crash_before": INTERNAL_ERROR,
    "refuse_token": INVALID_ACCESS_TOKEN_400,
}


class Gateway:
    """Checks tokens, plays the faults of a request's way in and out, and acknowledges it."""

    def __init__(
        self,
        *,
        access: Access,
        faults: Faults,
        results: Results,
        deliveries: Deliveries,
        closing: threading.Event,
    ) -> None:
        self._access = access
        self._faults = faults
        self._results = results
        self._deliveries = deliveries
        self._closing = closing

    def check(self, *, product: Product) -> None:
        """Check the token of the present request, in the product's words. Raises Refused."""
        self._access.check(product=product)

    def let_in(
        self, place: Place, *, field: str, among: Collection[str] | None = None
    ) -> Fault | None:
        """Let a request in that is right, and return the fault for its way out. Raises Refused.

        The fault `refuse` complains about `field`. What is refused here never reaches M-Pesa.
        """
        fault = self._faults.take(place, among=among)
        if fault is None:
            return None
        if fault.name == "refuse":
            raise invalid(field)
        if fault.name in _REFUSALS:
            raise Refused(_REFUSALS[fault.name])
        return fault

    def acknowledge(
        self, letter: Letter, *, fault: Fault | None, result_fault: Fault | None
    ) -> Response:
        """Answer an accepted request, and announce its result when that answer has gone."""
        if result_fault is not None and result_fault.name == "before_ack":
            self._results.announce(letter, result_fault)
            return self._answer(letter, fault)
        announcement = self._deliveries.promise(
            partial(self._results.announce, letter, result_fault), after_seconds=0
        )
        if fault is not None and fault.name == "timeout":
            announcement.start()
        answer = self._answer(letter, fault)
        answer.call_on_close(announcement.start)
        return answer

    def _answer(self, letter: Letter, fault: Fault | None) -> Response:
        match fault.name if fault else None:
            case "lose_ack":
                hang_up()
            case "ack_500":
                return Response(GATEWAY_PAGE, 500, content_type="text/html")
            case "timeout":
                # M-Pesa has the request; only the answer does not arrive in time.
                self._closing.wait(fault.seconds if fault else 0)
            case _:
                pass
        return json_answer(letter.conversation.acknowledgement())


def answering_refusals(view: Callable[Arguments, Response]) -> Callable[Arguments, Response]:
    """Turn a refusal that a view raises into Daraja's answer."""

    @wraps(view)
    def answer(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Response:
        try:
            return view(*args, **kwargs)
        except Refused as refused:
            return refused.refusal.answer()

    return answer
