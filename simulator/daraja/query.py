"""The STK query: POST /mpesa/stkpushquery/v1/query."""

from dataclasses import dataclass

from flask import Blueprint, Response

from simulator.config import Config
from simulator.daraja.access import Access
from simulator.daraja.push import payload_of_request
from simulator.daraja.push_rules import check_business
from simulator.daraja.refusals import (
    TRANSACTION_DOES_NOT_EXIST,
    Refused,
    envelope,
    invalid,
    json_answer,
)
from simulator.daraja.transactions import CANCELLED, Transaction, Transactions
from simulator.faults import Faults

IN_FLIGHT_CODE = "4999"
IN_FLIGHT_WORDS = "The transaction is still under processing"

# Observed: the throttle in front of Daraja has an envelope of its own.
SPIKE_ARREST = {
    "fault": {
        "faultstring": (
            "Spike arrest violation. Allowed rate : MessageRate{messagesPerPeriod=5,"
            " periodInMicroseconds=60000000, maxBurstMessageCount=1.0}"
        ),
        "detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"},
    }
}


@dataclass(kw_only=True, slots=True)
class QueryDesk:
    """Tells a merchant what became of a push: no receipt, no amount, no phone."""

    config: Config
    faults: Faults
    access: Access
    transactions: Transactions

    def blueprint(self) -> Blueprint:
        """Return Daraja's route."""
        routes = Blueprint("query", __name__)
        path = "/mpesa/stkpushquery/v1/query"
        routes.add_url_rule(path, view_func=self.ask, methods=["POST"])
        return routes

    def ask(self) -> Response:
        """Answer one query, after the fault in force, if any."""
        try:
            self.access.check(product="stk")
            return self._answer()
        except Refused as refused:
            return refused.refusal.answer()

    def _answer(self) -> Response:
        payload = payload_of_request()
        check_business(payload, config=self.config)
        checkout_id = payload.get("CheckoutRequestID")
        if not isinstance(checkout_id, str) or not checkout_id:
            raise invalid("CheckoutRequestID")
        transaction = self.transactions.find(checkout_id)
        fault = self.faults.take("query")
        if transaction is None or (fault is not None and fault.name == "no_answer"):
            # Observed for known, final transactions as well: it means no answer.
            raise Refused(TRANSACTION_DOES_NOT_EXIST)
        match fault.name if fault else None:
            case "in_flight":
                return _state(transaction, code=IN_FLIGHT_CODE, words=IN_FLIGHT_WORDS)
            case "empty_error":
                return json_answer(envelope(code="500.001.1001", message=""))
            case "throttle":
                return json_answer(SPIKE_ARREST, status=429)
            case "lie":
                return _state(transaction, code=str(CANCELLED.code), words=CANCELLED.query_words)
            case _:
                return _true_state(transaction)


def _true_state(transaction: Transaction) -> Response:
    if transaction.result is None:
        return _state(transaction, code=IN_FLIGHT_CODE, words=IN_FLIGHT_WORDS)
    result = transaction.result
    return _state(transaction, code=str(result.code), words=result.query_words)


def _state(transaction: Transaction, *, code: str, words: str) -> Response:
    body = {
        "ResponseCode": "0",
        "ResponseDescription": "The service request has been accepted successfully",
        "MerchantRequestID": transaction.merchant_request_id,
        "CheckoutRequestID": transaction.checkout_request_id,
        "ResultCode": code,
        "ResultDesc": words,
    }
    return json_answer(body)
