"""The STK push: POST /mpesa/stkpush/v1/processrequest."""

import json
import socket
import threading
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from flask import Blueprint, Response, request

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.prompts import Prompts
from simulator.daraja.push_rules import Payload, PushOrder, read_push
from simulator.daraja.refusals import (
    INTERNAL_ERROR,
    INVALID_PAYLOAD,
    QUOTA_VIOLATION,
    SUBSCRIBER_LOCKED,
    SYSTEM_BUSY,
    Refused,
    envelope,
    gateway_page,
    invalid,
    json_answer,
    throttled,
)
from simulator.daraja.stk_callbacks import StkCallbacks
from simulator.daraja.transactions import Transaction, Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Fault, Faults
from simulator.settings import Settings

ACCEPTED_WORDS = "Success. Request accepted for processing"


@dataclass(kw_only=True, slots=True)
class PushDesk:
    """Checks a push, accepts it and sends the prompt on its way."""

    config: Config
    settings: Settings
    clock: Clock
    faults: Faults
    access: Access
    transactions: Transactions
    prompts: Prompts
    callbacks: StkCallbacks
    deliveries: Deliveries
    closing: threading.Event

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("push", __name__)
        path = "/mpesa/stkpush/v1/processrequest"
        routes.add_url_rule(path, view_func=self.process, methods=["POST"])
        return routes

    def process(self) -> Response:
        """Answer one push, after the fault in force, if any."""
        try:
            self.access.check(product="stk")
            return self._answer()
        except Refused as refused:
            return refused.refusal.answer()

    def _answer(self) -> Response:
        order = self._order()
        fault = self.faults.take("push")
        match fault.name if fault else None:
            case "error_500":
                raise Refused(INTERNAL_ERROR)
            case "error_200":
                refusal = INTERNAL_ERROR
                return json_answer(envelope(code=refusal.code, message=refusal.message))
            case "refuse":
                raise invalid("PhoneNumber")
            case "busy":
                raise Refused(SYSTEM_BUSY)
            case "quota":
                raise Refused(QUOTA_VIOLATION)
            case "throttle":
                return throttled()
            case "html":
                return gateway_page()
            case _:
                return self._accept(order, fault)

    def _order(self) -> PushOrder:
        moment = self.clock.now()
        order = read_push(
            payload_of_request(), config=self.config, settings=self.settings, moment=moment
        )
        if self.transactions.locks(order.phone, moment=moment):
            raise Refused(SUBSCRIBER_LOCKED)
        return order

    def _accept(self, order: PushOrder, fault: Fault | None) -> Response:
        transaction = self.transactions.accept(order, moment=self.clock.now())
        if transaction is None:
            raise Refused(SUBSCRIBER_LOCKED)
        if self.callbacks.comes_before_the_answer():
            self.prompts.arrive_before_the_answer(transaction)
            return self._accepted(transaction, fault)
        arrival = self.deliveries.promise(
            partial(self.prompts.arrive, transaction), after_seconds=0
        )
        if fault is not None and fault.name == "accepted_timeout":
            arrival.start()
        answer = self._accepted(transaction, fault)
        answer.call_on_close(arrival.start)
        return answer

    def _accepted(self, transaction: Transaction, fault: Fault | None) -> Response:
        body = _acknowledgement(transaction)
        match fault:
            case Fault(name="accepted_500"):
                return INTERNAL_ERROR.answer()
            case Fault(name="no_checkout_id"):
                del body["CheckoutRequestID"]
            case Fault(name="no_customer_message"):
                del body["CustomerMessage"]
            case Fault(name="truncated"):
                text = json.dumps(body)
                return Response(text[: len(text) // 2], HTTPStatus.OK, mimetype="application/json")
            case Fault(name="accepted_timeout", seconds=seconds):
                # The caller's patience is the machine's, whatever the clock says.
                self.closing.wait(seconds)
            case Fault(name="lose_answer"):
                hang_up()
            case _:
                pass
        return json_answer(body)


def payload_of_request() -> Payload:
    """Return the JSON object of the present request. Raises Refused."""
    payload = request.get_json(silent=True)
    if not isinstance(payload, dict):
        raise Refused(INVALID_PAYLOAD)
    return payload


def _acknowledgement(transaction: Transaction) -> dict[str, str]:
    return {
        "MerchantRequestID": transaction.merchant_request_id,
        "CheckoutRequestID": transaction.checkout_request_id,
        "ResponseCode": "0",
        "ResponseDescription": ACCEPTED_WORDS,
        "CustomerMessage": ACCEPTED_WORDS,
    }


def hang_up() -> None:
    """Cut the connection under the present request, so that its answer is lost."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
