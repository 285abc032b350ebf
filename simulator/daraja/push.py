"""The STK push: POST /mpesa/stkpush/v1/processrequest."""

import socket
from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request

from simulator.clock import Clock
from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.prompts import Prompts
from simulator.daraja.push_rules import Payload, read_push
from simulator.daraja.refusals import (
    INTERNAL_ERROR,
    INVALID_PAYLOAD,
    SUBSCRIBER_LOCKED,
    SYSTEM_BUSY,
    Refused,
    invalid,
    json_answer,
)
from simulator.daraja.transactions import Transaction, Transactions
from simulator.deliveries import Deliveries
from simulator.faults import Faults

GATEWAY_PAGE = "<html><head><title>Gateway</title></head><body>Please try again</body></html>"
ACCEPTED_WORDS = "Success. Request accepted for processing"


@dataclass(kw_only=True, slots=True)
class PushDesk:
    """Checks a push, accepts it and sends the prompt on its way."""

    config: Config
    clock: Clock
    faults: Faults
    access: Access
    transactions: Transactions
    prompts: Prompts
    deliveries: Deliveries

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
        fault = self.faults.take("push")
        match fault.name if fault else None:
            case "error_500":
                raise Refused(INTERNAL_ERROR)
            case "refuse":
                raise invalid("PhoneNumber")
            case "busy":
                raise Refused(SYSTEM_BUSY)
            case "html":
                return Response(GATEWAY_PAGE, 200, content_type="text/html")
            case "lose_answer":
                answer = self._accept()
                _hang_up()
                return answer
            case _:
                return self._accept()

    def _accept(self) -> Response:
        order = read_push(payload_of_request(), config=self.config)
        transaction = self.transactions.accept(order, moment=self.clock.now())
        if transaction is None:
            raise Refused(SUBSCRIBER_LOCKED)
        arrival = self.deliveries.promise(
            partial(self.prompts.arrive, transaction), after_seconds=0
        )
        answer = json_answer(_acknowledgement(transaction))
        answer.call_on_close(arrival.start)
        return answer


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


def _hang_up() -> None:
    """Cut the connection under the present request, so that its answer is lost."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
