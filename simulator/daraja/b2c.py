"""Payments to customers: POST /mpesa/b2c/v3/paymentrequest and its older sister, v1."""

from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.b2c_rules import EXPIRED, FAILURES, Failure, read_caller_id, read_payout
from simulator.daraja.conversations import open_conversation
from simulator.daraja.gateway import Gateway, answering_refusals
from simulator.daraja.payouts import Payouts
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import Payload
from simulator.daraja.refusals import Refusal, Refused
from simulator.daraja.results import Letter
from simulator.faults import Fault, Faults
from simulator.handsets import Handsets
from simulator.identifiers import Identifiers
from simulator.known_faults import FAULTS

QUEUE = "b2cresults"
WHEN_FAILED = FAULTS["b2c_result"].keys() - {
    "wrong_amount",
    "failure_after_success",
    "queue_timeout_only_paid",
}
DUPLICATE_ID = Refusal(500, "500.002.1001", "Duplicate OriginatorConversationID.")


@dataclass(kw_only=True, slots=True)
class B2cDesk:
    """Checks a payment, makes it, and lets the caller hear of it later."""

    config: Config
    clock: Clock
    identifiers: Identifiers
    faults: Faults
    handsets: Handsets
    gateway: Gateway
    payouts: Payouts

    def blueprint(self) -> Blueprint:
        """Return Daraja's routes."""
        routes = Blueprint("b2c", __name__)
        for path, view in (
            ("/mpesa/b2c/v3/paymentrequest", self.pay),
            ("/mpesa/b2c/v1/paymentrequest", self.pay_the_old_way),
        ):
            routes.add_url_rule(
                path,
                endpoint=view.__name__,
                view_func=answering_refusals(view),
                methods=["POST"],
            )
        return routes

    def pay(self) -> Response:
        """Pay under the caller's own id, which works once and for ever. Raises Refused."""
        self.gateway.check(product="b2c")
        payload = payload_of_request()
        return self._accept(payload, caller_id=read_caller_id(payload))

    def pay_the_old_way(self) -> Response:
        """Pay under an id that M-Pesa assigns: a repeat pays again. Raises Refused."""
        self.gateway.check(product="b2c")
        return self._accept(payload_of_request(), caller_id=None)

    def _accept(self, payload: Payload, *, caller_id: str | None) -> Response:
        order = read_payout(payload, config=self.config)
        # Of two requests with one id at the same moment, the second finds the first.
        with self.handsets.lock:
            if caller_id is not None and self.payouts.find(caller_id) is not None:
                raise Refused(DUPLICATE_ID)
            fault = self.gateway.let_in("b2c", field="PartyB")
            now = self.clock.now()
            conversation = open_conversation(
                payload, moment=now, identifiers=self.identifiers, caller_id=caller_id
            )
            payout = self.payouts.accept(order, conversation, moment=now)
        failure = _ordered(fault) or self.payouts.judge(payout)
        result_fault = self.faults.take("b2c_result", among=WHEN_FAILED if failure else None)
        if result_fault is not None and result_fault.name == "queue_timeout_only_failed":
            failure = failure or EXPIRED
        outcome = self.payouts.settle(payout, ordered=failure)
        letter = Letter(conversation=conversation, outcome=outcome, queue=QUEUE, request=payload)
        return self.gateway.acknowledge(letter, fault=fault, result_fault=result_fault)


def _ordered(fault: Fault | None) -> Failure | None:
    if fault is not None and fault.name.startswith("code_"):
        return FAILURES[fault.name.removeprefix("code_")]
    return None
